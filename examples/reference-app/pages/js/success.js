// Coming back from the payment page proves nothing: anyone can type this address. Only the
// server knows, once the payment service's webhook has reached it, so this page asks it until
// the purchase is there.
import { purchases } from './api.js';
import { applyTexts, onLangChange } from './i18n.js';
import { fillPurchase } from './purchase.js';

const GIVE_UP_AFTER_MS = 60_000;
const WAIT_FIRST_MS = 800;
const WAIT_MAX_MS = 4_000;

const outcome = document.getElementById('outcome');
const waiting = outcome.firstElementChild;
const sessionId = new URLSearchParams(location.search).get('session_id');
let purchase = null;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function renderReceipt() {
  const receipt = outcome.querySelector('.receipt');
  if (receipt && purchase) fillPurchase(receipt, purchase);
}

// Each outcome is a <template>; its elements exist in the page only once it is true.
function show(name) {
  outcome.replaceChildren(document.getElementById(`outcome-${name}`).content.cloneNode(true));
  applyTexts(outcome);
  renderReceipt();
  outcome.querySelector('#check-again')?.addEventListener('click', () => {
    outcome.replaceChildren(waiting);
    applyTexts(outcome);
    confirm();
  });
  outcome.querySelector('h1').focus();
}

async function confirm() {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  for (let wait = WAIT_FIRST_MS; ; wait = Math.min(wait * 1.5, WAIT_MAX_MS)) {
    let pause = wait;
    try {
      const page = await purchases();
      const found = page.purchases.find((row) => row.session_id === sessionId) ?? null;
      const changed = found?.status !== purchase?.status;
      purchase = found ?? purchase;
      if (found?.status === 'paid') return show('confirmed');
      // Ordered, but not paid yet (a bank transfer, say): show it, and keep looking.
      if (found && changed) show('processing');
    } catch (error) {
      if (error.status === 401) return show('sign-in');
      // A lost connection or a busy server is a reason to ask again, not to alarm anyone.
      pause = Math.max(wait, error.retryAfterMs);
    }
    if (performance.now() + pause > deadline) break;
    await sleep(pause);
  }
  if (!purchase) show('gave-up');
}

onLangChange(renderReceipt);
if (sessionId) confirm();
else show('unknown');
