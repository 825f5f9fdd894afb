import { get } from './api.js';
import { startCheckout } from './checkout.js';
import { busy, formError } from './forms.js';
import { showPrice } from './format.js';
import { onLangChange, setText } from './i18n.js';

const buy = document.getElementById('buy-protein');

buy.addEventListener('click', () =>
  busy(buy, async () => {
    formError();
    try {
      await startCheckout();
    } catch (error) {
      if (error.status === 401) location.assign('/login?next=buy');
      else formError({ text: error.message });
    }
  }),
);

// The prices in the HTML are the defaults; the catalogue's replace them when they arrive.
function renderPrices() {
  for (const node of document.querySelectorAll('[data-amount]')) {
    showPrice(node, Number(node.dataset.amount), node.dataset.currency);
  }
}

// "protein" for the one-off product, else the plan's type: the names used in `data-price`.
const slotOf = (product) => product.plan_type ?? 'protein';

async function loadCatalogue() {
  let catalogue;
  try {
    catalogue = await get('/api/catalogue');
  } catch {
    // The page stands on its defaults, and checkout decides the price anyway.
    return;
  }
  for (const product of catalogue.products) {
    const node = document.querySelector(`[data-price="${CSS.escape(slotOf(product))}"]`);
    if (!node) continue;
    Object.assign(node.dataset, { amount: product.amount, currency: product.currency });
    if (slotOf(product) === 'protein' && !product.available) {
      buy.disabled = true;
      setText(buy.querySelector('[data-i18n]'), 'product.unavailable');
    }
  }
  renderPrices();
  document.getElementById('sandbox-note').hidden = !catalogue.sandbox;
}

onLangChange(() => {
  renderPrices();
  formError();
});
renderPrices();
buy.disabled = false;
loadCatalogue();
