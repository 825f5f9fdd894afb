// What the stories share: the sandbox, a webhook receiver, a browser.

import { createServer } from "node:http";
import Stripe from "stripe";

export const BASE = process.env.SANDBOX_URL;
const { hostname, port } = new URL(BASE);
export const stripe = new Stripe("sk_test_story", { host: hostname, port, protocol: "http" });

/** Sends a form as a browser would, without following where it leads. */
export async function form(url, fields) {
  const answer = await fetch(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** Fills in the payment page. */
export function pay(session, number = "4242424242424242") {
  const typed = { email: "ann@example.com", expiry: "12/34", cvc: "123", name: "Ann Lee" };
  return form(session.url, { ...typed, number });
}

/** Lets something go wrong while `story` runs; answers how often it did. */
export async function withFaults(rules, story) {
  const url = `${BASE}/_sandbox/faults`;
  await form(url, { faults: rules });
  try {
    await story();
    const { rules: now } = await (await fetch(url)).json();
    return now.reduce((sum, rule) => sum + rule.hit, 0);
  } finally {
    await fetch(url, { method: "DELETE" });
  }
}

/** A merchant's webhook endpoint, which keeps what came in. */
export class Receiver {
  received = [];
  #waiting = [];

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer((request, response) => {
      const parts = [];
      request.on("data", (part) => parts.push(part));
      request.on("end", () => {
        const signature = request.headers["stripe-signature"];
        receiver.received.push({ body: Buffer.concat(parts), signature });
        receiver.#waiting.splice(0).forEach((wake) => wake());
        response.end();
      });
    });
    await new Promise((ready) => receiver.server.listen(0, "127.0.0.1", ready));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}/webhook`;
    return receiver;
  }

  /** What came in, once it is so much. The test's own limit of time ends a wait in vain. */
  async count(wanted) {
    while (this.received.length < wanted) {
      await new Promise((wake) => this.#waiting.push(wake));
    }
    return this.received;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export const yen = (amount) => ({ currency: "jpy", unit_amount: amount });

export function monthly(amount = 900) {
  return stripe.prices.create({
    ...yen(amount),
    recurring: { interval: "month" },
    product_data: { name: "Box" },
  });
}

export function subscriber(card = "pm_card_visa", more = {}) {
  return stripe.customers.create({
    email: "ann@example.com",
    payment_method: card,
    invoice_settings: { default_payment_method: card },
    ...more,
  });
}

export const subscribe = (customer, price, more = {}) =>
  stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], ...more });
