// What the log-in and the registration page share: check, send, show errors, go where the
// visitor was heading.
import { post } from './api.js';
import { startCheckout } from './checkout.js';
import { busy, fieldErrors, formError, watch } from './forms.js';
import { onLangChange, setText, t } from './i18n.js';

// Only these names are followed: a free-form address would let any link send people elsewhere.
const wanted = new URLSearchParams(location.search).get('next');
const next = ['buy', 'mypage'].includes(wanted) ? wanted : null;

/** `check(form)` answers `{field: textKey}` for what is wrong; `read(form)` the request's body. */
export function signInForm(form, { path, notes, check, read }) {
  const button = form.querySelector('[type=submit]');
  let signedIn = false;

  const submit = async () => {
    formError();
    fieldErrors(form, {});
    if (!signedIn) {
      const wrong = check(form);
      if (Object.keys(wrong).length) {
        formError({ key: 'error.check' });
        fieldErrors(form, mapValues(wrong, (key) => ({ key })));
        return;
      }
      try {
        await post(path, read(form));
      } catch (error) {
        formError({ text: error.message });
        fieldErrors(form, mapValues(error.fields, (text) => ({ text })));
        return;
      }
      signedIn = true;
    }
    if (next !== 'buy') return location.replace('/mypage');
    try {
      // Replace, so that "back" on the payment page leads to the shop and not to this form.
      await startCheckout((url) => location.replace(url));
    } catch {
      formError({ key: 'error.checkoutAfterSignIn' });
      setText(button.querySelector('[data-i18n]'), 'product.buy');
    }
  };

  // The browser's own bubbles speak its language and vanish; ours stay beside the field.
  form.noValidate = true;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    busy(button, submit);
  });
  watch(form);
  passwordToggle(form);
  button.disabled = false;

  const note = document.getElementById('next-note');
  if (next && notes[next]) {
    setText(note, notes[next]);
    note.hidden = false;
  }
  if (next) document.getElementById('other-form').search = `?next=${next}`;
}

function passwordToggle(form) {
  const input = form.elements.password;
  const toggle = document.getElementById('password-toggle');
  const render = () => {
    const shown = input.type === 'text';
    toggle.textContent = t(shown ? 'field.hidePassword' : 'field.showPassword');
    toggle.setAttribute('aria-label', t(shown ? 'field.hidePasswordLabel' : 'field.showPasswordLabel'));
  };
  toggle.addEventListener('click', () => {
    input.type = input.type === 'password' ? 'text' : 'password';
    render();
  });
  onLangChange(render);
  render();
  toggle.hidden = false;
}

const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
