"""Customers, the catalogue, payments, refunds and checkout through the official SDK."""

import unittest

import stripe

from world import BASIL, form, pay


def customer(**more):
    return stripe.Customer.create(email="ann@example.com", **more)


def intent(**more):
    given = {"amount": 2000, "currency": "jpy", "payment_method": "pm_card_visa",
             "confirm": True, "return_url": "http://shop.test/back"}
    return stripe.PaymentIntent.create(**{**given, **more})


def tea_session(**more):
    data = {"currency": "jpy", "unit_amount": 1000, "product_data": {"name": "Tea"}}
    return stripe.checkout.Session.create(
        mode="payment", line_items=[{"price_data": data, "quantity": 2}],
        success_url="http://shop.test/thanks?s={CHECKOUT_SESSION_ID}", **more)


class Customers(unittest.TestCase):
    def test_live_through_all_their_days(self):
        made = customer(name="Ann & Co", metadata={"order id": "a&b"}, address={"city": "Kyōto"})
        self.assertIsInstance(made, stripe.Customer)
        self.assertRegex(made.id, r"^cus_\w{14}$")
        self.assertEqual((made.object, made.livemode, made.balance), ("customer", False, 0))
        self.assertEqual(made.address.city, "Kyōto")
        changed = stripe.Customer.modify(made.id, name="", metadata={"order id": "", "new": "1"})
        self.assertIsNone(changed.name)
        self.assertEqual(changed.metadata.to_dict(), {"new": "1"})
        again = stripe.Customer.retrieve(made.id)
        self.assertEqual(again.to_dict(), changed.to_dict())
        self.assertEqual(again.last_response.code, 200)
        self.assertRegex(again.last_response.request_id, "^req_")
        gone = stripe.Customer.delete(made.id)
        self.assertTrue(gone.deleted)
        self.assertTrue(stripe.Customer.retrieve(made.id).deleted)


class Catalogue(unittest.TestCase):
    def test_products_and_prices_belong_together(self):
        product = stripe.Product.create(
            name="Box", default_price_data={"currency": "jpy", "unit_amount": 900})
        self.assertRegex(product.id, r"^prod_\w{14}$")
        price = stripe.Price.retrieve(product.default_price, expand=["product"])
        self.assertEqual((price.unit_amount, price.type), (900, "one_time"))
        self.assertEqual(price.product.name, "Box")
        monthly = stripe.Price.create(
            currency="usd", unit_amount_decimal="1050", product=product.id,
            recurring={"interval": "month"}, lookup_key="box-" + product.id)
        self.assertEqual((monthly.unit_amount, monthly.recurring.interval), (1050, "month"))
        self.assertEqual(str(monthly.unit_amount_decimal), "1050")
        found = stripe.Price.list(lookup_keys=["box-" + product.id])
        self.assertEqual([p.id for p in found], [monthly.id])
        self.assertFalse(stripe.Price.modify(monthly.id, active=False).active)
        self.assertEqual(stripe.Product.modify(product.id, name="Crate").name, "Crate")

    def test_coupons_and_codes_have_the_shape_of_the_sdk(self):
        coupon = stripe.Coupon.create(percent_off=25, duration="once")
        self.assertTrue(coupon.valid)
        word = "SAVE" + coupon.id
        if BASIL:
            code = stripe.PromotionCode.create(coupon=coupon.id, code=word)
            self.assertEqual(code.coupon.id, coupon.id)
        else:
            code = stripe.PromotionCode.create(
                promotion={"type": "coupon", "coupon": coupon.id}, code=word)
            self.assertEqual(code.promotion.coupon, coupon.id)
        self.assertEqual(stripe.PromotionCode.list(code=word).data[0].id, code.id)
        self.assertTrue(stripe.Coupon.delete(coupon.id).deleted)


class PaymentMethods(unittest.TestCase):
    def test_cards_come_and_go(self):
        owner = customer()
        card = stripe.PaymentMethod.attach("pm_card_visa", customer=owner.id)
        self.assertEqual((card.card.brand, card.card.last4), ("visa", "4242"))
        self.assertEqual(card.customer, owner.id)
        listed = stripe.Customer.list_payment_methods(owner.id)
        self.assertEqual([method.id for method in listed], [card.id])
        changed = stripe.Customer.modify(
            owner.id, invoice_settings={"default_payment_method": card.id})
        self.assertEqual(changed.invoice_settings.default_payment_method, card.id)
        self.assertIsNone(stripe.PaymentMethod.detach(card.id).customer)
        with self.assertRaises(stripe.CardError) as caught:
            stripe.PaymentMethod.attach("pm_card_chargeDeclined", customer=owner.id)
        self.assertEqual(caught.exception.code, "card_declined")

    def test_a_setup_intent_saves_a_card(self):
        owner = customer()
        setup = stripe.SetupIntent.create(
            customer=owner.id, payment_method="pm_card_visa", confirm=True,
            return_url="http://shop.test/back", expand=["payment_method"])
        self.assertEqual((setup.status, setup.payment_method.customer), ("succeeded", owner.id))


class Payments(unittest.TestCase):
    def test_succeed_and_expand(self):
        paid = intent(expand=["latest_charge.balance_transaction"], metadata={"order": "7"})
        self.assertEqual((paid.status, paid.amount_received), ("succeeded", 2000))
        charge = paid.latest_charge
        self.assertEqual((charge.payment_intent, charge.paid, charge.captured),
                         (paid.id, True, True))
        booked = charge.balance_transaction
        self.assertEqual((booked.amount, booked.net), (2000, 2000 - booked.fee))
        self.assertEqual(booked.reporting_category, "charge")

    def test_held_money_is_captured_in_part(self):
        held = intent(capture_method="manual")
        self.assertEqual((held.status, held.amount_capturable), ("requires_capture", 2000))
        taken = stripe.PaymentIntent.capture(held.id, amount_to_capture=700)
        self.assertEqual((taken.status, taken.amount_received), ("succeeded", 700))
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            stripe.PaymentIntent.cancel(held.id)
        self.assertEqual(caught.exception.code, "payment_intent_unexpected_state")
        self.assertEqual(stripe.PaymentIntent.cancel(
            intent(capture_method="manual").id, cancellation_reason="abandoned").status, "canceled")

    def test_the_bank_asks_and_the_customer_answers(self):
        for answer, status in (("yes", "succeeded"), ("no", "requires_payment_method")):
            asked = intent(payment_method="pm_card_threeDSecure2Required")
            self.assertEqual(asked.status, "requires_action")
            self.assertEqual(asked.next_action.type, "redirect_to_url")
            self.assertEqual(form(asked.next_action.redirect_to_url.url, answer=answer), 303)
            after = stripe.PaymentIntent.retrieve(asked.id)
            self.assertEqual(after.status, status)
        self.assertEqual(after.last_payment_error.code, "payment_intent_authentication_failure")

    def test_a_declined_card_names_its_reason_and_its_intent(self):
        with self.assertRaises(stripe.CardError) as caught:
            intent(payment_method="pm_card_visa_chargeDeclinedInsufficientFunds")
        error = caught.exception
        self.assertEqual((error.http_status, error.code), (402, "card_declined"))
        self.assertEqual(error.error.decline_code, "insufficient_funds")
        self.assertEqual(error.error.payment_intent.status, "requires_payment_method")
        self.assertEqual(error.error.type, "card_error")
        self.assertRegex(error.request_id, "^req_")
        self.assertEqual(error.headers["stripe-should-retry"], "false")

    def test_refunds_come_in_parts_and_end(self):
        paid = intent()
        first = stripe.Refund.create(payment_intent=paid.id, amount=500,
                                     reason="requested_by_customer")
        self.assertEqual((first.status, first.amount), ("succeeded", 500))
        rest = stripe.Refund.create(charge=paid.latest_charge)
        self.assertEqual(rest.amount, 1500)
        charge = stripe.Charge.retrieve(paid.latest_charge)
        self.assertEqual((charge.refunded, charge.amount_refunded), (True, 2000))
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            stripe.Refund.create(payment_intent=paid.id)
        self.assertEqual(caught.exception.code, "charge_already_refunded")
        self.assertEqual({refund.id for refund in stripe.Refund.list(payment_intent=paid.id)},
                         {first.id, rest.id})

    def test_a_dispute_takes_the_money_back(self):
        paid = intent(payment_method="pm_card_createDispute")
        disputes = stripe.Dispute.list(payment_intent=paid.id).data
        self.assertEqual([dispute.status for dispute in disputes], ["needs_response"])
        stripe.Dispute.modify(disputes[0].id, evidence={"uncategorized_text": "losing_evidence"},
                              submit=True)
        self.assertEqual(stripe.Dispute.retrieve(disputes[0].id).status, "lost")


class Checkout(unittest.TestCase):
    def test_a_session_is_paid_on_its_page(self):
        session = tea_session(client_reference_id="cart-1", metadata={"cart": "1"})
        self.assertRegex(session.id, "^cs_test_")
        self.assertEqual((session.status, session.payment_status), ("open", "unpaid"))
        self.assertEqual((session.amount_total, session.payment_intent), (2000, None))
        self.assertNotEqual(pay(session, "4000000000000002"), 303)
        self.assertEqual(stripe.checkout.Session.retrieve(session.id).status, "open")
        self.assertEqual(pay(session), 303)
        done = stripe.checkout.Session.retrieve(
            session.id, expand=["line_items", "payment_intent.latest_charge"])
        self.assertEqual((done.status, done.payment_status, done.url), ("complete", "paid", None))
        self.assertEqual(done.line_items.data[0].amount_total, 2000)
        self.assertEqual(done.payment_intent.latest_charge.amount, 2000)
        self.assertEqual(done.customer_details.email, "ann@example.com")
        lines = stripe.checkout.Session.list_line_items(session.id)
        self.assertEqual([line.quantity for line in lines], [2])

    def test_an_expired_session_cannot_be_expired_again(self):
        session = tea_session()
        self.assertEqual(stripe.checkout.Session.expire(session.id).status, "expired")
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            stripe.checkout.Session.expire(session.id)
        self.assertIn('Only Checkout Sessions with a status in ["open"]', str(caught.exception))

    def test_a_subscription_starts_on_the_page(self):
        price = stripe.Price.create(currency="jpy", unit_amount=900,
                                    recurring={"interval": "month"},
                                    product_data={"name": "Box"})
        session = stripe.checkout.Session.create(
            mode="subscription", line_items=[{"price": price.id, "quantity": 1}],
            success_url="http://shop.test/thanks")
        self.assertEqual(pay(session), 303)
        done = stripe.checkout.Session.retrieve(session.id, expand=["subscription", "invoice"])
        self.assertEqual(done.subscription.status, "active")
        self.assertEqual((done.invoice.status, done.invoice.amount_paid), ("paid", 900))


if __name__ == "__main__":
    unittest.main()
