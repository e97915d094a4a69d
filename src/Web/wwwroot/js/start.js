// Starts the app and says so when it does not load. How far the download is, Blazor writes to --blazor-load-percentage.
Blazor.start().catch(() => {
  const note = document.getElementById('starting-note');
  if (!note) return;
  document.querySelector('.starting-progress')?.remove();
  note.setAttribute('role', 'alert');
  note.textContent = 'The app did not load. Check that the server is running, then load the page again.';
});
