// A classic script in the head, not a module: it must settle the language before the first
// paint, or English visitors would see Japanese flash past on every page.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('lang');
  } catch {
    // Storage can be switched off; the browser's language is a fine answer then.
  }
  if (chosen !== 'ja' && chosen !== 'en') {
    chosen = navigator.language.toLowerCase().startsWith('ja') ? 'ja' : 'en';
  }
  const root = document.documentElement;
  if (chosen !== root.lang) {
    root.lang = chosen;
    // app.css hides the body until i18n.js has filled in the texts, for one second at most.
    root.classList.add('lang-pending');
  }
})();
