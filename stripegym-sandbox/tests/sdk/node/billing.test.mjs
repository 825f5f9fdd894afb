// Subscriptions, schedules, invoices, the portal and test clocks through the official SDK.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { BASE, monthly, stripe, subscribe, subscriber } from "./world.mjs";

const limit = { timeout: 60_000 };

test("a subscription begins, changes and ends", limit, async () => {
  const expand = ["latest_invoice.payments"];
  const started = await subscribe(await subscriber(), await monthly(), { expand });
  assert.deepEqual([started.status, started.latest_invoice.status], ["active", "paid"]);
  const { parent, payments } = started.latest_invoice;
  assert.equal(parent.subscription_details.subscription, started.id);
  assert.equal(payments.data[0].status, "paid");
  const [item] = started.items.data;
  const dearer = await monthly(2000);
  const changed = await stripe.subscriptions.update(started.id, {
    items: [{ id: item.id, price: dearer.id, quantity: 2 }],
    proration_behavior: "always_invoice",
    expand: ["latest_invoice"],
  });
  assert.equal(changed.items.data[0].price.id, dearer.id);
  assert.equal(changed.latest_invoice.lines.data.filter((line) => line.amount < 0).length, 1);
  const anchored = await stripe.subscriptions.update(started.id, {
    billing_cycle_anchor: { type: "unchanged" },
    cancel_at_period_end: true,
  });
  assert.equal(anchored.cancel_at, anchored.items.data[0].current_period_end);
  const ended = await stripe.subscriptions.cancel(started.id);
  assert.equal(ended.status, "canceled");
});

test("a subscription pauses in both ways", limit, async () => {
  const running = await subscribe(await subscriber(), await monthly());
  const held = { pause_collection: { behavior: "keep_as_draft" } };
  assert.equal((await stripe.subscriptions.update(running.id, held)).status, "active");
  const freed = await stripe.subscriptions.update(running.id, { pause_collection: "" });
  assert.equal(freed.pause_collection, null);
  const paused = await stripe.subscriptions.pause(running.id, { type: "subscription" });
  assert.equal(paused.status, "paused");
  assert.equal(paused.status_details.paused.type, "subscription");
  assert.equal((await stripe.subscriptions.resume(running.id)).status, "active");
});

test("a first payment waits for the customer", limit, async () => {
  const waiting = await subscribe(await subscriber(), await monthly(), {
    payment_behavior: "default_incomplete",
    expand: ["latest_invoice.confirmation_secret"],
  });
  assert.equal(waiting.status, "incomplete");
  const [id] = waiting.latest_invoice.confirmation_secret.client_secret.split("_secret_");
  await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
  assert.equal((await stripe.subscriptions.retrieve(waiting.id)).status, "active");
});

test("a discount names its coupon", limit, async () => {
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: "forever" });
  const promotion = { type: "coupon", coupon: coupon.id };
  const code = await stripe.promotionCodes.create({ promotion });
  const half = await subscribe(await subscriber(), await monthly(), {
    discounts: [{ promotion_code: code.id }],
    expand: ["discounts", "latest_invoice"],
  });
  assert.equal(half.latest_invoice.amount_paid, 450);
  const [discount] = half.discounts;
  assert.deepEqual([discount.source.coupon, discount.promotion_code], [coupon.id, code.id]);
});

test("a schedule plans a change", limit, async () => {
  const [now, later] = [await monthly(), await monthly(500)];
  const running = await subscribe(await subscriber(), now);
  const plan = await stripe.subscriptionSchedules.create({ from_subscription: running.id });
  const [{ start_date, end_date }] = plan.phases;
  const planned = await stripe.subscriptionSchedules.update(plan.id, {
    end_behavior: "release",
    phases: [
      { start_date, end_date, items: [{ price: now.id, quantity: 1 }] },
      { items: [{ price: later.id }], duration: { interval: "month" } },
    ],
  });
  assert.deepEqual([planned.status, planned.phases[1].start_date], ["active", end_date]);
  const direct = stripe.subscriptions.update(running.id, { cancel_at_period_end: true });
  await assert.rejects(direct, /is managed by the subscription schedule/);
  const canceled = await stripe.subscriptionSchedules.cancel(plan.id);
  assert.equal(canceled.status, "canceled");
  assert.equal((await stripe.subscriptions.retrieve(running.id)).status, "canceled");
});

test("an invoice by hand, from draft to paid", limit, async () => {
  const customer = (await subscriber()).id;
  await stripe.invoiceItems.create({ customer, amount: 1200, currency: "jpy" });
  const include = { customer, pending_invoice_items_behavior: "include" };
  const draft = await stripe.invoices.create(include);
  assert.deepEqual([draft.status, draft.amount_due], ["draft", 1200]);
  assert.equal((await stripe.invoices.finalizeInvoice(draft.id)).status, "open");
  const paid = await stripe.invoices.pay(draft.id);
  assert.deepEqual([paid.status, paid.amount_remaining], ["paid", 0]);
  const [{ payment }] = (await stripe.invoicePayments.list({ invoice: draft.id })).data;
  const back = await stripe.invoicePayments.list({
    payment: { type: "payment_intent", payment_intent: payment.payment_intent },
  });
  assert.deepEqual(back.data.map((entry) => entry.invoice), [draft.id]);
  await stripe.invoiceItems.create({ customer, amount: 300, currency: "jpy" });
  const other = await stripe.invoices.create(include);
  await stripe.invoices.finalizeInvoice(other.id);
  assert.equal((await stripe.invoices.voidInvoice(other.id)).status, "void");
});

test("a preview shows what a change would cost", limit, async () => {
  const running = await subscribe(await subscriber(), await monthly());
  const dearer = await monthly(5000);
  const preview = await stripe.invoices.createPreview({
    subscription: running.id,
    subscription_details: { items: [{ id: running.items.data[0].id, price: dearer.id }] },
  });
  const details = preview.lines.data.map(({ parent }) => parent[parent.type]);
  const prorated = details.filter((detail) => detail.proration);
  assert.deepEqual([details.length, prorated.length], [3, 2]);
});

test("a portal session leads to a page", limit, async () => {
  const running = await subscribe(await subscriber(), await monthly());
  const session = await stripe.billingPortal.sessions.create({
    customer: running.customer,
    return_url: "http://shop.test/account",
  });
  assert.match(session.id, /^bps_/);
  assert.ok(session.url.startsWith(BASE));
  assert.equal((await fetch(session.url)).status, 200);
});

test("a month passes and the renewal is paid", limit, async () => {
  const frozen = Math.floor(Date.now() / 1000);
  let clock = await stripe.testHelpers.testClocks.create({ frozen_time: frozen });
  const customer = await subscriber("pm_card_visa", { test_clock: clock.id });
  const running = await subscribe(customer, await monthly());
  const to = running.items.data[0].current_period_end + 7200;
  clock = await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  while (clock.status === "advancing") {
    await sleep(50);
    clock = await stripe.testHelpers.testClocks.retrieve(clock.id);
  }
  assert.deepEqual([clock.status, clock.frozen_time], ["ready", to]);
  const invoices = await stripe.invoices.list({ subscription: running.id });
  assert.deepEqual(
    invoices.data.map((invoice) => [invoice.status, invoice.billing_reason]),
    [["paid", "subscription_cycle"], ["paid", "subscription_create"]],
  );
  assert.equal((await stripe.testHelpers.testClocks.del(clock.id)).deleted, true);
});
