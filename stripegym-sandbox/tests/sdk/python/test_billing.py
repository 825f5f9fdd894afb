"""Subscriptions, schedules, invoices, the portal and test clocks through the official SDK."""

import time
import unittest

import stripe

from world import BASIL


def subscriber(card="pm_card_visa", **more):
    return stripe.Customer.create(
        email="ann@example.com", payment_method=card,
        invoice_settings={"default_payment_method": card}, **more)


def monthly(amount=900):
    return stripe.Price.create(currency="jpy", unit_amount=amount,
                               recurring={"interval": "month"}, product_data={"name": "Box"})


def subscribe(customer, price, **more):
    return stripe.Subscription.create(
        customer=customer.id, items=[{"price": price.id}], **more)


def item_of(subscription):
    return subscription["items"].data[0]


class Subscriptions(unittest.TestCase):
    def test_begin_change_and_end(self):
        started = subscribe(subscriber(), monthly(),
                            expand=["latest_invoice.payments", "default_payment_method"])
        self.assertEqual(started.status, "active")
        invoice = started.latest_invoice
        self.assertEqual((invoice.status, invoice.billing_reason), ("paid", "subscription_create"))
        self.assertEqual(invoice.parent.subscription_details.subscription, started.id)
        self.assertEqual(invoice.payments.data[0].status, "paid")
        item = item_of(started)
        self.assertGreater(item.current_period_end, item.current_period_start)
        self.assertNotIn("current_period_end", started)
        dearer = monthly(2000)
        changed = stripe.Subscription.modify(
            started.id, items=[{"id": item.id, "price": dearer.id, "quantity": 2}],
            proration_behavior="always_invoice", expand=["latest_invoice"])
        self.assertEqual((item_of(changed).price.id, item_of(changed).quantity), (dearer.id, 2))
        lines = changed.latest_invoice.lines.data
        self.assertEqual(len([line for line in lines if line.amount < 0]), 1)
        self.assertEqual(changed.latest_invoice.billing_reason, "subscription_update")
        ending = stripe.Subscription.modify(started.id, cancel_at_period_end=True)
        self.assertEqual((ending.status, ending.cancel_at),
                         ("active", item_of(ending).current_period_end))
        staying = stripe.Subscription.modify(started.id, cancel_at_period_end=False)
        self.assertIsNone(staying.cancel_at)
        ended = stripe.Subscription.cancel(
            started.id, cancellation_details={"comment": "too dear", "feedback": "too_expensive"})
        self.assertEqual((ended.status, ended.cancellation_details.feedback),
                         ("canceled", "too_expensive"))

    def test_pause_in_both_ways(self):
        running = subscribe(subscriber(), monthly())
        held = stripe.Subscription.modify(running.id, pause_collection={"behavior": "void"})
        self.assertEqual((held.status, held.pause_collection.behavior), ("active", "void"))
        self.assertIsNone(stripe.Subscription.modify(running.id, pause_collection="")
                          .pause_collection)
        if BASIL:
            return
        client = stripe.StripeClient(stripe.api_key, base_addresses={"api": stripe.api_base})
        paused = client.v1.subscriptions.pause(running.id, {"type": "subscription"})
        self.assertEqual(paused.status, "paused")
        resumed = client.v1.subscriptions.resume(running.id)
        self.assertEqual(resumed.status, "active")

    def test_a_first_payment_that_waits_for_the_customer(self):
        waiting = subscribe(subscriber(), monthly(), payment_behavior="default_incomplete",
                            expand=["latest_invoice.confirmation_secret"])
        self.assertEqual(waiting.status, "incomplete")
        secret = waiting.latest_invoice.confirmation_secret.client_secret
        stripe.PaymentIntent.confirm(secret.split("_secret_")[0], payment_method="pm_card_visa",
                                     return_url="http://shop.test/back")
        self.assertEqual(stripe.Subscription.retrieve(waiting.id).status, "active")

    def test_an_error_if_incomplete_leaves_nothing(self):
        customer = subscriber("pm_card_chargeCustomerFail")
        with self.assertRaises(stripe.CardError):
            subscribe(customer, monthly(), payment_behavior="error_if_incomplete")
        self.assertEqual(stripe.Subscription.list(customer=customer.id, status="all").data, [])

    def test_a_discount_has_the_shape_of_the_version(self):
        coupon = stripe.Coupon.create(percent_off=50, duration="forever")
        half = subscribe(subscriber(), monthly(), discounts=[{"coupon": coupon.id}],
                         expand=["discounts", "latest_invoice"])
        self.assertEqual(half.latest_invoice.amount_paid, 450)
        discount = half.discounts[0]
        if BASIL:
            self.assertEqual(discount.coupon.id, coupon.id)
        else:
            self.assertEqual(discount.source.coupon, coupon.id)

    def test_a_schedule_plans_a_change(self):
        now, later = monthly(), monthly(500)
        running = subscribe(subscriber(), now)
        plan = stripe.SubscriptionSchedule.create(from_subscription=running.id)
        self.assertEqual(plan.status, "active")
        phase = plan.phases[0]
        second = {"items": [{"price": later.id}], "proration_behavior": "none"}
        second.update({"iterations": 1} if BASIL else {"duration": {"interval": "month"}})
        plan = stripe.SubscriptionSchedule.modify(plan.id, end_behavior="release", phases=[
            {"start_date": phase.start_date, "end_date": phase.end_date,
             "items": [{"price": now.id, "quantity": 1}]},
            second])
        self.assertEqual(plan.phases[1]["items"][0].price, later.id)
        self.assertEqual(plan.phases[1].start_date, phase.end_date)
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            stripe.Subscription.modify(running.id, cancel_at_period_end=True)
        self.assertIn("is managed by the subscription schedule", str(caught.exception))
        freed = stripe.SubscriptionSchedule.release(plan.id)
        self.assertEqual((freed.status, freed.released_subscription), ("released", running.id))


class Invoices(unittest.TestCase):
    def test_one_by_hand_from_draft_to_paid(self):
        customer = subscriber()
        stripe.InvoiceItem.create(customer=customer.id, amount=1200, currency="jpy",
                                  description="Repair")
        draft = stripe.Invoice.create(customer=customer.id,
                                      pending_invoice_items_behavior="include")
        self.assertEqual((draft.status, draft.amount_due), ("draft", 1200))
        opened = stripe.Invoice.finalize_invoice(draft.id)
        self.assertEqual(opened.status, "open")
        self.assertTrue(opened.number and opened.hosted_invoice_url)
        paid = stripe.Invoice.pay(draft.id)
        self.assertEqual((paid.status, paid.amount_paid, paid.amount_remaining),
                         ("paid", 1200, 0))
        payments = stripe.InvoicePayment.list(invoice=draft.id)
        method = payments.data[0].payment
        self.assertEqual(method.type, "payment_intent")
        back = stripe.InvoicePayment.list(
            payment={"type": "payment_intent", "payment_intent": method.payment_intent})
        self.assertEqual([entry.invoice for entry in back], [draft.id])

    def test_others_end_otherwise(self):
        customer = subscriber()

        def opened():
            stripe.InvoiceItem.create(customer=customer.id, amount=1200, currency="jpy")
            made = stripe.Invoice.create(
                customer=customer.id, collection_method="send_invoice", days_until_due=10,
                pending_invoice_items_behavior="include")
            return stripe.Invoice.send_invoice(made.id)

        self.assertEqual(stripe.Invoice.void_invoice(opened().id).status, "void")
        self.assertEqual(stripe.Invoice.mark_uncollectible(opened().id).status, "uncollectible")
        draft = stripe.Invoice.create(customer=customer.id)
        self.assertTrue(stripe.Invoice.delete(draft.id).deleted)

    def test_a_preview_shows_what_a_change_would_cost(self):
        running = subscribe(subscriber(), monthly())
        dearer = monthly(5000)
        preview = stripe.Invoice.create_preview(
            customer=running.customer, subscription=running.id,
            subscription_details={"items": [{"id": item_of(running).id, "price": dearer.id}],
                                  "proration_behavior": "create_prorations"})
        self.assertIn(dearer.id, [line.pricing.price_details.price for line in preview.lines])
        details = [line.parent[line.parent.type] for line in preview.lines]
        self.assertEqual(sorted(detail.proration for detail in details), [False, True, True])


class Portal(unittest.TestCase):
    def test_a_session_leads_to_a_page(self):
        running = subscribe(subscriber(), monthly())
        config = stripe.billing_portal.Configuration.create(features={
            "invoice_history": {"enabled": True},
            "subscription_cancel": {"enabled": True, "mode": "at_period_end"}})
        session = stripe.billing_portal.Session.create(
            customer=running.customer, configuration=config.id,
            return_url="http://shop.test/account",
            flow_data={"type": "subscription_cancel",
                       "subscription_cancel": {"subscription": running.id}})
        self.assertRegex(session.id, "^bps_")
        self.assertTrue(session.url.startswith(stripe.api_base))
        self.assertEqual(session.flow.subscription_cancel.subscription, running.id)
        self.assertEqual(session.configuration, config.id)


class Clocks(unittest.TestCase):
    def advance(self, clock, to):
        clock = stripe.test_helpers.TestClock.advance(clock.id, frozen_time=to)
        for _ in range(200):
            if clock.status != "advancing":
                break
            time.sleep(0.05)
            clock = stripe.test_helpers.TestClock.retrieve(clock.id)
        self.assertEqual((clock.status, clock.frozen_time), ("ready", to))

    def test_a_month_passes_and_the_renewal_fails(self):
        start = int(time.time())
        clock = stripe.test_helpers.TestClock.create(frozen_time=start, name="renewal")
        customer = subscriber(test_clock=clock.id)
        running = subscribe(customer, monthly())
        self.assertEqual(running.test_clock, clock.id)
        end = item_of(running).current_period_end
        self.advance(clock, end + 7200)
        renewed = stripe.Subscription.retrieve(running.id, expand=["latest_invoice"])
        self.assertEqual((renewed.status, renewed.latest_invoice.status), ("active", "paid"))
        self.assertEqual(renewed.latest_invoice.billing_reason, "subscription_cycle")
        bad = stripe.PaymentMethod.attach("pm_card_chargeCustomerFail", customer=customer.id)
        stripe.Customer.modify(customer.id, invoice_settings={"default_payment_method": bad.id})
        self.advance(clock, item_of(renewed).current_period_end + 7200)
        late = stripe.Subscription.retrieve(running.id, expand=["latest_invoice"])
        self.assertEqual((late.status, late.latest_invoice.status), ("past_due", "open"))
        self.assertEqual(late.latest_invoice.attempt_count, 1)
        with self.assertRaises(stripe.InvalidRequestError):
            self.advance(clock, item_of(late).current_period_end + 400 * 86400)
        self.assertTrue(stripe.test_helpers.TestClock.delete(clock.id).deleted)


if __name__ == "__main__":
    unittest.main()
