// Buttons that cannot be pressed twice, and errors a person (or a screen reader) finds.
import { onLangChange, setText } from './i18n.js';

/** Runs `work` with `button` disabled, so that a double click does one thing once. */
export async function busy(button, work) {
  if (button.disabled) return;
  const hadFocus = document.activeElement === button;
  button.disabled = true;
  button.setAttribute('aria-busy', 'true');
  try {
    await work();
  } finally {
    button.disabled = false;
    button.removeAttribute('aria-busy');
    // Disabling drops the focus to the page's top; give it back unless it has moved on.
    if (hadFocus && document.activeElement === document.body) button.focus();
  }
}

/** Shows `{key}` (ours, follows the language) or `{text}` (the server's) in a message element. */
export function say(node, { key, text = '' } = {}) {
  if (key) return setText(node, key);
  delete node.dataset.i18n;
  node.textContent = text;
}

export const formError = (message) => say(document.getElementById('form-error'), message);

const errorOf = (input) => document.getElementById(`${input.id}-error`);

function mark(input, message) {
  say(errorOf(input), message);
  if (message) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

const withErrors = (form) => [...form.elements].filter((input) => input.id && errorOf(input));

/** Shows `errors` (by field name) beside their fields and moves to the first of them. */
export function fieldErrors(form, errors) {
  const inputs = withErrors(form);
  for (const input of inputs) mark(input, errors[input.name]);
  inputs.find((input) => errors[input.name])?.focus();
}

/** Clears a field's error as soon as it is edited, and the server's words when the language changes. */
export function watch(form) {
  const forget = (event) => {
    if (event.target.getAttribute('aria-invalid')) mark(event.target);
  };
  form.addEventListener('input', forget);
  form.addEventListener('change', forget);
  onLangChange(() => {
    for (const input of withErrors(form)) if (!errorOf(input).dataset.i18n) mark(input);
    const summary = document.getElementById('form-error');
    if (!summary.dataset.i18n) say(summary);
  });
}
