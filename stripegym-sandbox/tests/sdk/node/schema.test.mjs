// Every object that the sandbox answers has the fields that the SDK's own types give it.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { monthly, pay, stripe, subscribe, subscriber } from "./world.mjs";

/** The fields of each kind of object, by the name in its field `object`: true where required. */
function readTypes() {
  const folder = new URL("./resources/", import.meta.resolve("stripe"));
  const kinds = new Map();
  for (const path of readdirSync(folder, { recursive: true })) {
    if (!path.endsWith(".d.ts")) continue;
    const text = readFileSync(new URL(path, folder), "utf8");
    for (const [, body] of text.matchAll(/^export interface \w+ \{\n(.*?)^\}/gms)) {
      const name = body.match(/^ {4}object: '([\w.]+)';/m)?.[1];
      if (!name || /^ {4}deleted: true;/m.test(body)) continue;
      const fields = body.matchAll(/^ {4}(\w+)(\??): /gm);
      kinds.set(name, new Map([...fields].map(([, field, optional]) => [field, !optional])));
    }
  }
  return kinds;
}

/** Every hash inside that calls itself an object. */
function* objectsIn(value) {
  if (value === null || typeof value !== "object") return;
  if (typeof value.object === "string") yield value;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

async function live() {
  const endpoint = await stripe.webhookEndpoints.create({
    url: "http://127.0.0.1:9/webhook",
    enabled_events: ["payout.created"],
  });
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: "once" });
  const promotion = { type: "coupon", coupon: coupon.id };
  await stripe.promotionCodes.create({ promotion });
  const customer = await subscriber();
  const price = await monthly();
  const discounts = [{ coupon: coupon.id }];
  const running = await subscribe(customer, price, { discounts });
  await stripe.subscriptionSchedules.create({ from_subscription: running.id });
  await stripe.subscriptions.cancel((await subscribe(customer, price)).id);
  const funds = { amount: 50_000, payment_method: "pm_card_bypassPending" };
  const method = { currency: "jpy", confirm: true, return_url: "http://shop.test/back" };
  await stripe.paymentIntents.create({ ...funds, ...method });
  const cards = ["pm_card_visa", "pm_card_createDispute", "pm_card_threeDSecure2Required"];
  for (const payment_method of cards) {
    const { id } = await stripe.paymentIntents.create({ amount: 2000, payment_method, ...method });
    if (payment_method === "pm_card_visa") await stripe.refunds.create({ payment_intent: id });
  }
  const declined = { amount: 2000, payment_method: "pm_card_chargeDeclined", ...method };
  await assert.rejects(stripe.paymentIntents.create(declined));
  const saved = { customer: customer.id, payment_method: "pm_card_visa", confirm: true };
  await stripe.setupIntents.create({ ...saved, return_url: "http://shop.test/back" });
  await stripe.invoiceItems.create({ customer: customer.id, amount: 700, currency: "jpy" });
  await stripe.payouts.create({ amount: 10, currency: "jpy" });
  const line_items = [{ price: price.id, quantity: 1 }];
  const given = { mode: "subscription", success_url: "http://shop.test", line_items };
  await pay(await stripe.checkout.sessions.create(given));
  const preview = await stripe.invoices.createPreview({ subscription: running.id });
  const portal = await stripe.billingPortal.sessions.create({ customer: customer.id });
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_760_000_000 });
  return [endpoint, preview, portal, clock, await stripe.balance.retrieve()];
}

const LISTS = [
  "balance_transactions", "billing_portal/configurations", "charges", "checkout/sessions",
  "coupons", "customers", "disputes", "events", "invoice_payments", "invoiceitems", "invoices",
  "payment_intents", "payouts", "prices", "products", "promotion_codes", "refunds",
  "setup_intents", "subscription_schedules", "subscriptions", "webhook_endpoints",
];

test("objects have the fields of the SDK's types", { timeout: 60_000 }, async () => {
  const kinds = readTypes();
  const answered = await live();
  for (const list of LISTS) answered.push(await stripe.rawRequest("GET", `/v1/${list}?limit=100`));
  const seen = new Set();
  const wrong = new Set();
  for (const object of objectsIn(JSON.parse(JSON.stringify(answered)))) {
    const name = object.object;
    if (object.deleted || name === "list") continue;
    const fields = kinds.get(name);
    assert.ok(fields, `the SDK knows no ${name}`);
    seen.add(name);
    for (const field of Object.keys(object)) {
      if (!fields.has(field)) wrong.add(`${name}.${field} is unknown`);
    }
    for (const [field, required] of fields) {
      if (required && !(field in object)) wrong.add(`${name}.${field} is missing`);
    }
  }
  assert.deepEqual([...wrong].sort(), []);
  assert.ok(seen.size >= 27, [...seen].join());
});
