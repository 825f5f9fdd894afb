// Customers, the catalogue, payments, refunds and checkout through the official SDK.

import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";
import { form, monthly, pay, stripe, yen } from "./world.mjs";

const limit = { timeout: 60_000 };

const intent = (more = {}) =>
  stripe.paymentIntents.create({
    amount: 2000,
    currency: "jpy",
    payment_method: "pm_card_visa",
    confirm: true,
    return_url: "http://shop.test/back",
    ...more,
  });

const teaSession = (more = {}) =>
  stripe.checkout.sessions.create({
    mode: "payment",
    line_items: [{ price_data: { ...yen(1000), product_data: { name: "Tea" } }, quantity: 2 }],
    success_url: "http://shop.test/thanks?s={CHECKOUT_SESSION_ID}",
    ...more,
  });

test("customers live through all their days", limit, async () => {
  const metadata = { "order id": "a&b" };
  const made = await stripe.customers.create({ name: "Ann", metadata, address: { city: "Kyōto" } });
  assert.match(made.id, /^cus_\w{14}$/);
  assert.match(made.lastResponse.requestId, /^req_/);
  assert.equal(made.lastResponse.apiVersion, Stripe.API_VERSION);
  assert.equal(made.address.city, "Kyōto");
  const given = { name: null, metadata: { "order id": "", next: "1" } };
  const changed = await stripe.customers.update(made.id, given);
  assert.equal(changed.name, null);
  assert.deepEqual(changed.metadata, { next: "1" });
  assert.deepEqual(await stripe.customers.retrieve(made.id), changed);
  assert.equal((await stripe.customers.del(made.id)).deleted, true);
});

test("products and prices belong together", limit, async () => {
  const product = await stripe.products.create({ name: "Box", default_price_data: yen(900) });
  const price = await stripe.prices.retrieve(product.default_price, { expand: ["product"] });
  assert.deepEqual([price.unit_amount, price.product.name], [900, "Box"]);
  assert.equal(String(price.unit_amount_decimal), "900");
  assert.equal((await stripe.prices.update(price.id, { nickname: "one" })).nickname, "one");
  const recurring = await monthly();
  assert.deepEqual([recurring.type, recurring.recurring.interval_count], ["recurring", 1]);
});

test("cards come and go", limit, async () => {
  const owner = await stripe.customers.create({});
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: owner.id });
  const listed = await stripe.customers.listPaymentMethods(owner.id);
  assert.deepEqual(listed.data.map((method) => method.id), [card.id]);
  assert.equal((await stripe.paymentMethods.detach(card.id)).customer, null);
  const refused = stripe.paymentMethods.attach("pm_card_chargeDeclined", { customer: owner.id });
  await assert.rejects(refused, { type: "StripeCardError", code: "card_declined" });
});

test("a payment succeeds, and its charge is booked", limit, async () => {
  const paid = await intent({ expand: ["latest_charge.balance_transaction"] });
  assert.deepEqual([paid.status, paid.latest_charge.paid], ["succeeded", true]);
  const booked = paid.latest_charge.balance_transaction;
  assert.deepEqual([booked.amount, booked.net], [2000, 2000 - booked.fee]);
});

test("held money is captured in part, or given back", limit, async () => {
  const held = await intent({ capture_method: "manual" });
  assert.deepEqual([held.status, held.amount_capturable], ["requires_capture", 2000]);
  const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 700 });
  assert.deepEqual([taken.status, taken.amount_received], ["succeeded", 700]);
  const code = "payment_intent_unexpected_state";
  await assert.rejects(stripe.paymentIntents.cancel(held.id), { statusCode: 400, code });
  const other = await intent({ capture_method: "manual" });
  assert.equal((await stripe.paymentIntents.cancel(other.id)).status, "canceled");
});

test("the bank asks and the customer answers", limit, async () => {
  for (const [answer, status] of [["yes", "succeeded"], ["no", "requires_payment_method"]]) {
    const asked = await intent({ payment_method: "pm_card_threeDSecure2Required" });
    assert.equal(asked.status, "requires_action");
    assert.equal(await form(asked.next_action.redirect_to_url.url, { answer }), 303);
    assert.equal((await stripe.paymentIntents.retrieve(asked.id)).status, status);
  }
});

test("a declined card names its reason and its intent", limit, async () => {
  const card = "pm_card_visa_chargeDeclinedInsufficientFunds";
  const error = await intent({ payment_method: card }).catch((refused) => refused);
  assert.ok(error instanceof Stripe.errors.StripeCardError);
  assert.deepEqual(
    [error.statusCode, error.code, error.decline_code, error.rawType],
    [402, "card_declined", "insufficient_funds", "card_error"],
  );
  assert.equal(error.payment_intent.status, "requires_payment_method");
  assert.match(error.requestId, /^req_/);
});

test("refunds come in parts and end", limit, async () => {
  const paid = await intent();
  const first = await stripe.refunds.create({ payment_intent: paid.id, amount: 500 });
  const rest = await stripe.refunds.create({ charge: paid.latest_charge });
  assert.deepEqual([first.status, rest.amount], ["succeeded", 1500]);
  const again = stripe.refunds.create({ payment_intent: paid.id });
  await assert.rejects(again, { code: "charge_already_refunded" });
  const charge = await stripe.charges.retrieve(paid.latest_charge);
  assert.deepEqual([charge.refunded, charge.amount_refunded], [true, 2000]);
});

test("a session is paid on its page", limit, async () => {
  const session = await teaSession({ client_reference_id: "cart-1" });
  assert.deepEqual([session.status, session.payment_status], ["open", "unpaid"]);
  assert.notEqual(await pay(session, "4000000000000002"), 303);
  assert.equal(await pay(session), 303);
  const expand = ["line_items", "payment_intent.latest_charge"];
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand });
  assert.deepEqual([done.status, done.payment_status, done.url], ["complete", "paid", null]);
  assert.equal(done.line_items.data[0].amount_total, 2000);
  assert.equal(done.payment_intent.latest_charge.amount, 2000);
  const lines = await stripe.checkout.sessions.listLineItems(session.id);
  assert.deepEqual(lines.data.map((line) => line.quantity), [2]);
});

test("an expired session cannot be expired again", limit, async () => {
  const session = await teaSession();
  assert.equal((await stripe.checkout.sessions.expire(session.id)).status, "expired");
  const again = stripe.checkout.sessions.expire(session.id);
  await assert.rejects(again, { type: "StripeInvalidRequestError", statusCode: 400 });
});

test("a subscription starts on the page", limit, async () => {
  const price = await monthly();
  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: "http://shop.test/thanks",
  });
  assert.equal(await pay(session), 303);
  const expand = ["subscription", "invoice"];
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand });
  assert.deepEqual([done.subscription.status, done.invoice.amount_paid], ["active", 900]);
});
