(() => {
  const findings = [...document.querySelectorAll('#findings details')];
  const find = document.getElementById('find');
  find.addEventListener('input', () => {
    const word = find.value.toLowerCase();
    for (const one of findings) one.hidden = !one.textContent.toLowerCase().includes(word);
  });
  const show = () => {
    const one = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (one && one.tagName === 'DETAILS') { one.hidden = false; one.open = true; one.querySelector('summary').focus(); }
  };
  addEventListener('hashchange', show);
  show();
  for (const button of document.querySelectorAll('[data-copy]'))
    button.addEventListener('click', () => navigator.clipboard.writeText(button.dataset.copy).then(() => { button.textContent = 'Copied'; }));
})();
