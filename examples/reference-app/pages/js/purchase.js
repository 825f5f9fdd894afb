import { dateTime, money } from './format.js';
import { hasText, productName, t } from './i18n.js';

// A status this page has no word for is shown as the server names it.
const statusText = (status) => (hasText(`status.${status}`) ? t(`status.${status}`) : status);

/** Fills a purchase's row or receipt: the elements carry the classes named here. */
export function fillPurchase(node, purchase) {
  node.dataset.sessionId = purchase.session_id;
  node.querySelector('.purchase-name').textContent = productName(purchase.product_name);
  node.querySelector('.purchase-amount').textContent = money(purchase.amount, purchase.currency);
  const date = node.querySelector('.purchase-date');
  date.textContent = dateTime(purchase.created_at);
  date.dateTime = purchase.created_at;
  const status = node.querySelector('.purchase-status');
  status.textContent = statusText(purchase.status);
  status.dataset.status = purchase.status;
}
