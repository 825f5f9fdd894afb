// Lists, search, keys, errors, retries and webhooks through the official SDK.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import Stripe from "stripe";
import { Receiver, stripe, withFaults } from "./world.mjs";

const limit = { timeout: 60_000 };
const fresh = () => `${randomUUID()}@example.com`;
const ids = (objects) => objects.map((object) => object.id);

test("pages turn by themselves in both directions", limit, async () => {
  const email = fresh();
  const made = [];
  for (let i = 0; i < 5; i += 1) made.push((await stripe.customers.create({ email })).id);
  const all = await stripe.customers.list({ email, limit: 2 }).autoPagingToArray({ limit: 99 });
  assert.deepEqual(ids(all), made.toReversed());
  const before = { email, limit: 2, ending_before: made[0] };
  const back = await stripe.customers.list(before).autoPagingToArray({ limit: 99 });
  assert.deepEqual(ids(back), made.slice(1));
});

test("a list expands inside its objects, and search counts", limit, async () => {
  const word = randomUUID();
  const owner = await stripe.customers.create({ email: fresh(), metadata: { word } });
  await stripe.paymentIntents.create({ amount: 100, currency: "jpy", customer: owner.id });
  const expand = ["data.customer"];
  const found = await stripe.paymentIntents.list({ customer: owner.id, expand });
  assert.equal(found.data[0].customer.email, owner.email);
  const query = `metadata["word"]:"${word}"`;
  const hits = await stripe.customers.search({ query, expand: ["total_count"] });
  assert.deepEqual([hits.object, hits.total_count, ids(hits.data)], ["search_result", 1, [owner.id]]);
});

test("the same request is done once", limit, async () => {
  const idempotencyKey = randomUUID();
  const email = fresh();
  const first = await stripe.customers.create({ email }, { idempotencyKey });
  const again = await stripe.customers.create({ email }, { idempotencyKey });
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  assert.equal(again.lastResponse.idempotencyKey, idempotencyKey);
  const other = stripe.customers.create({ email: fresh() }, { idempotencyKey });
  await assert.rejects(other, { type: "StripeIdempotencyError", statusCode: 400 });
  const key = { idempotencyKey: randomUUID() };
  const many = Array.from({ length: 6 }, () => stripe.customers.create({ email }, key));
  assert.equal(new Set(ids(await Promise.all(many))).size, 1);
});

test("each error has its class", limit, async () => {
  await assert.rejects(stripe.customers.retrieve("cus_nobody"), {
    type: "StripeInvalidRequestError",
    statusCode: 404,
    code: "resource_missing",
    param: "id",
  });
  await assert.rejects(stripe.customers.create({ colour: "red" }), {
    code: "parameter_unknown",
    param: "colour",
  });
  const amount = { amount: "abc", currency: "jpy" };
  await assert.rejects(stripe.paymentIntents.create(amount), {
    code: "parameter_invalid_integer",
    param: "amount",
  });
  await assert.rejects(stripe.customers.list({}, { apiKey: "nonsense" }), {
    type: "StripeAuthenticationError",
    statusCode: 401,
  });
  const types = { amount: 100, currency: "jpy", payment_method_types: ["card"] };
  const code = "payment_method_types_no_longer_supported";
  await assert.rejects(stripe.paymentIntents.create(types), { code });
});

test("faults have their class, and the SDK retries as it does", limit, async () => {
  const create = (email = fresh()) => stripe.customers.create({ email });
  const on = "on POST /v1/customers";
  const limited = { type: "StripeRateLimitError", statusCode: 429, code: "rate_limit" };
  assert.equal(await withFaults(`rate-limit ${on}`, () => assert.rejects(create(), limited)), 1);
  assert.equal(await withFaults(`lock-timeout times=1 ${on}`, () => create()), 1);
  assert.equal(await withFaults(`fail-before status=503 times=2 ${on}`, () => create()), 2);
  const broken = { type: "StripeAPIError", statusCode: 500 };
  assert.equal(await withFaults(`fail-before ${on}`, () => assert.rejects(create(), broken)), 3);
  const email = fresh();
  assert.equal(await withFaults(`hang-after seconds=1 times=1 ${on}`, () => create(email)), 1);
  assert.equal((await stripe.customers.list({ email })).data.length, 1);
});

test("a delivery passes the SDK's own check", limit, async () => {
  const receiver = await Receiver.start();
  const endpoint = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ["customer.created", "customer.updated"],
  });
  try {
    const made = await stripe.customers.create({ email: fresh(), name: "Ann" });
    await receiver.count(1);
    await stripe.customers.update(made.id, { name: "Bea" });
    const events = (await receiver.count(2)).map(({ body, signature }) =>
      stripe.webhooks.constructEvent(body, signature, endpoint.secret),
    );
    assert.deepEqual(events.map((e) => e.type), ["customer.created", "customer.updated"]);
    assert.deepEqual(events[0].data.object, JSON.parse(JSON.stringify(made)));
    assert.deepEqual(events[1].data.previous_attributes, { name: "Ann" });
    assert.equal(events[0].request.id, made.lastResponse.requestId);
    assert.equal(events[0].api_version, Stripe.API_VERSION);
    const [{ body, signature }] = receiver.received;
    const forge = (text, secret) => () => stripe.webhooks.constructEvent(text, signature, secret);
    const forged = { type: "StripeSignatureVerificationError" };
    assert.throws(forge(`${body} `, endpoint.secret), forged);
    assert.throws(forge(body, "whsec_other"), forged);
  } finally {
    await stripe.webhookEndpoints.del(endpoint.id);
    receiver.close();
  }
});
