// Before the first paint, so that a dark page never flashes white. The choice is remembered; without one the system's counts.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const chosen = () => { try { return localStorage.getItem('theme'); } catch { return null; } };
  const apply = () => {
    document.documentElement.dataset.theme = chosen() ?? (dark.matches ? 'dark' : 'light');
    dispatchEvent(new Event('throughline-theme'));
  };
  apply();
  dark.addEventListener('change', apply);
  addEventListener('throughline-theme-chosen', apply);
})();
