// On every page: the texts, the language switch, and who is logged in.
import { get } from './js/api.js';
import { applyTexts, lang, onLangChange, setLang } from './js/i18n.js';

const other = () => (lang() === 'ja' ? 'en' : 'ja');
const names = { ja: '日本語', en: 'English' };
const languageSwitch = document.getElementById('lang-switch');

function renderSwitch() {
  languageSwitch.textContent = names[other()];
  languageSwitch.lang = other();
}

languageSwitch.addEventListener('click', () => setLang(other()));
onLangChange(renderSwitch);
renderSwitch();
languageSwitch.hidden = false;
applyTexts();
document.documentElement.classList.remove('lang-pending');

// A page restored by the back button still shows its old buttons and its old member.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

try {
  await get('/api/verify-session');
  for (const link of document.querySelectorAll('[data-when]')) {
    link.hidden = link.dataset.when !== 'in';
  }
} catch {
  // Not logged in, or not known: the links for visitors stay, and every page asks for itself.
}
