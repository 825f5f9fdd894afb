import { post } from './api.js';

// How long the buy button stays busy while the browser leaves for the payment page: released at
// once, a second click would open a second checkout; never released, a page that failed to load
// would leave a dead button behind.
const LEAVING_MS = 10_000;

/** Opens a checkout and leaves for its payment page. */
export async function startCheckout(leave = (url) => location.assign(url)) {
  const { url } = await post('/api/checkout');
  leave(url);
  await new Promise((resolve) => setTimeout(resolve, LEAVING_MS));
}
