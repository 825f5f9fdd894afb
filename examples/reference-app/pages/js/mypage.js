import { get, post, purchases } from './api.js';
import { busy, formError, say } from './forms.js';
import { dateTime, day } from './format.js';
import { onLangChange, setText, t } from './i18n.js';
import { fillPurchase } from './purchase.js';

const byId = (id) => document.getElementById(id);
const list = byId('purchases');
const more = byId('load-more');
const shown = [];
let user = null;
let cursor = null;
let loaded = false;

function fail(error) {
  // `replace`: going back must not return to a page that needs the log-in first.
  if (error.status === 401) return location.replace('/login?next=mypage');
  formError({ text: error.message });
  byId('purchases-loading').hidden = true;
  setText(more.querySelector('[data-i18n]'), 'mypage.retry');
  more.hidden = false;
}

function renderUser() {
  if (!user) return;
  const values = {
    name: user.name,
    email: user.email,
    phone: user.phone,
    birthdate: user.birthdate && day(user.birthdate),
    since: user.created_at && dateTime(user.created_at, { time: false }),
  };
  for (const [field, value] of Object.entries(values)) {
    const node = byId(`profile-${field}`);
    node.textContent = value || t('mypage.unset');
    node.classList.toggle('unset', !value);
  }
}

function addRow(purchase) {
  const row = byId('purchase-row').content.firstElementChild.cloneNode(true);
  fillPurchase(row, purchase);
  list.append(row);
  shown.push({ purchase, row });
  return row;
}

async function loadPurchases() {
  const page = await purchases({ cursor });
  const rows = page.purchases.map(addRow);
  byId('purchases-loading').hidden = true;
  byId('purchases-empty').hidden = shown.length > 0;
  // The first page is announced by its heading; the later ones arrive on request.
  if (loaded && rows.length) {
    say(byId('purchases-status'), { text: t('mypage.added', { count: shown.length }) });
    rows[0].focus();
  }
  cursor = page.next_cursor;
  loaded = true;
  setText(more.querySelector('[data-i18n]'), 'mypage.more');
  more.hidden = !cursor;
}

async function load() {
  formError();
  try {
    if (!user) {
      ({ user } = await get('/api/user-info'));
      renderUser();
    }
    await loadPurchases();
  } catch (error) {
    fail(error);
  }
}

more.addEventListener('click', () => busy(more, load));

byId('logout').addEventListener('click', () =>
  busy(byId('logout'), async () => {
    try {
      await post('/api/logout');
    } catch (error) {
      // A session that is already over is what was asked for.
      if (error.status !== 401) return formError({ text: error.message });
    }
    location.replace('/');
  }),
);

onLangChange(() => {
  renderUser();
  for (const { row, purchase } of shown) fillPurchase(row, purchase);
  say(byId('purchases-status'));
});
byId('logout').disabled = false;
load();
