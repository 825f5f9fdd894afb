import { signInForm } from './sign-in.js';

signInForm(document.getElementById('login-form'), {
  path: '/api/login',
  notes: { buy: 'login.nextBuy', mypage: 'login.nextMypage' },
  check({ elements: { email, password } }) {
    const wrong = {};
    if (!email.validity.valid) wrong.email = 'error.email';
    if (!password.value) wrong.password = 'error.password';
    return wrong;
  },
  read: ({ elements: { email, password } }) => ({ email: email.value.trim(), password: password.value }),
});
