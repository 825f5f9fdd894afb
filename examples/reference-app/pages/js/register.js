import { signInForm } from './sign-in.js';

const PASSWORD_LENGTH_MIN = 8;

signInForm(document.getElementById('register-form'), {
  path: '/api/register',
  notes: { buy: 'register.nextBuy' },

  // Only what saves a round trip; the server decides.
  check({ elements: { name, email, password, birthdate, terms, privacy } }) {
    const wrong = {};
    if (!name.value.trim()) wrong.name = 'error.name';
    if (!email.validity.valid) wrong.email = 'error.email';
    if (password.value.length < PASSWORD_LENGTH_MIN) wrong.password = 'error.passwordShort';
    if (!birthdate.validity.valid) wrong.birthdate = 'error.birthdate';
    if (!terms.checked) wrong.terms = 'error.terms';
    if (!privacy.checked) wrong.privacy = 'error.privacy';
    return wrong;
  },

  read({ elements: { name, email, password, phone, birthdate, terms, privacy } }) {
    const body = {
      name: name.value.trim(),
      email: email.value.trim(),
      password: password.value,
      terms: terms.checked,
      privacy: privacy.checked,
    };
    // Left out when empty: an empty string is not a date.
    if (phone.value.trim()) body.phone = phone.value.trim();
    if (birthdate.value) body.birthdate = birthdate.value;
    return body;
  },
});
