"""Lists, search, keys, errors, retries and webhooks through the official SDK."""

import threading
import unittest
import uuid

import stripe

from world import BASIL, KEY, Faults, Receiver


def fresh():
    return f"{uuid.uuid4()}@example.com"


class Lists(unittest.TestCase):
    def test_pages_turn_by_themselves_in_both_directions(self):
        email = fresh()
        made = [stripe.Customer.create(email=email).id for _ in range(5)]
        newest_first = stripe.Customer.list(email=email, limit=2)
        self.assertEqual(newest_first.url, "/v1/customers")
        self.assertTrue(newest_first.has_more)
        self.assertEqual([c.id for c in newest_first.auto_paging_iter()], made[::-1])
        backwards = stripe.Customer.list(email=email, limit=2, ending_before=made[0])
        self.assertEqual([c.id for c in backwards.auto_paging_iter()], made[1:])
        second = newest_first.next_page()
        self.assertEqual([c.id for c in second], made[1:3][::-1])
        first = stripe.Customer.list(email=email, ending_before=second.data[0].id)
        self.assertEqual([c.id for c in first], made[3:][::-1])

    def test_a_list_expands_inside_its_objects(self):
        owner = stripe.Customer.create(email=fresh())
        stripe.PaymentIntent.create(amount=100, currency="jpy", customer=owner.id)
        found = stripe.PaymentIntent.list(customer=owner.id, expand=["data.customer"])
        self.assertEqual(found.data[0].customer.email, owner.email)

    def test_search_turns_its_pages_too(self):
        word = uuid.uuid4().hex
        made = {stripe.Customer.create(email=fresh(), metadata={"word": word}).id
                for _ in range(3)}
        found = stripe.Customer.search(query=f'metadata["word"]:"{word}"', limit=2,
                                       expand=["total_count"])
        self.assertEqual((found.object, found.total_count), ("search_result", 3))
        self.assertEqual({c.id for c in found.auto_paging_iter()}, made)


class Keys(unittest.TestCase):
    def test_the_same_request_is_done_once(self):
        key, email = uuid.uuid4().hex, fresh()
        first = stripe.Customer.create(email=email, idempotency_key=key)
        again = stripe.Customer.create(email=email, idempotency_key=key)
        self.assertEqual(first.id, again.id)
        self.assertEqual(again.last_response.headers["idempotent-replayed"], "true")
        self.assertEqual(again.last_response.headers["original-request"],
                         first.last_response.request_id)
        with self.assertRaises(stripe.IdempotencyError) as caught:
            stripe.Customer.create(email=fresh(), idempotency_key=key)
        self.assertEqual(caught.exception.http_status, 400)

    def test_a_decline_is_replayed_as_well(self):
        key = uuid.uuid4().hex

        def declined():
            with self.assertRaises(stripe.CardError) as caught:
                stripe.PaymentIntent.create(
                    amount=100, currency="jpy", confirm=True, return_url="http://shop.test",
                    payment_method="pm_card_chargeDeclined", idempotency_key=key)
            return caught.exception

        first, again = declined(), declined()
        self.assertEqual(first.error.payment_intent.id, again.error.payment_intent.id)
        self.assertEqual(again.headers["idempotent-replayed"], "true")

    def test_at_once_is_done_once(self):
        key, email, made = uuid.uuid4().hex, fresh(), []

        def create():
            made.append(stripe.Customer.create(email=email, idempotency_key=key).id)

        threads = [threading.Thread(target=create) for _ in range(6)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual((len(made), len(set(made))), (6, 1))


class Errors(unittest.TestCase):
    def refused(self, kind, call):
        with self.assertRaises(kind) as caught:
            call()
        self.assertRegex(caught.exception.request_id, "^req_")
        return caught.exception

    def test_each_has_its_class(self):
        missing = self.refused(stripe.InvalidRequestError,
                               lambda: stripe.Customer.retrieve("cus_nobody"))
        self.assertEqual((missing.http_status, missing.code, missing.param),
                         (404, "resource_missing", "id"))
        unknown = self.refused(stripe.InvalidRequestError,
                               lambda: stripe.Customer.create(colour="red"))
        self.assertEqual((unknown.http_status, unknown.code, unknown.param),
                         (400, "parameter_unknown", "colour"))
        wrong = self.refused(stripe.InvalidRequestError, lambda: stripe.PaymentIntent.create(
            amount="abc", currency="jpy"))
        self.assertEqual((wrong.code, wrong.param), ("parameter_invalid_integer", "amount"))
        self.assertIn("Invalid integer: abc", wrong.user_message)
        nobody = self.refused(stripe.AuthenticationError,
                              lambda: stripe.Customer.list(api_key="nonsense"))
        self.assertEqual(nobody.http_status, 401)
        path = self.refused(stripe.InvalidRequestError,
                            lambda: stripe.Account.retrieve("acct_1"))
        self.assertEqual(path.http_status, 404)

    def test_the_limiter_is_not_asked_twice(self):
        with Faults("rate-limit on POST /v1/customers") as faults:
            limited = self.refused(stripe.RateLimitError, stripe.Customer.create)
            self.assertEqual((limited.http_status, limited.error.code), (429, "rate_limit"))
            self.assertEqual(faults.hits(), 1)

    def test_a_lock_is_waited_for(self):
        with Faults("lock-timeout times=1 on POST /v1/customers") as faults:
            self.assertRegex(stripe.Customer.create(email=fresh()).id, "^cus_")
            self.assertEqual(faults.hits(), 1)

    def test_a_server_that_fails_is_asked_again(self):
        with Faults("fail-before status=503 times=2 on POST /v1/customers") as faults:
            self.assertRegex(stripe.Customer.create(email=fresh()).id, "^cus_")
            self.assertEqual(faults.hits(), 2)
        with Faults("fail-before on POST /v1/customers") as faults:
            broken = self.refused(stripe.APIError, stripe.Customer.create)
            self.assertEqual((broken.http_status, faults.hits()), (500, 3))

    def test_a_failure_after_the_effect_is_replayed(self):
        email = fresh()
        with Faults("fail-after times=1 on POST /v1/customers"):
            self.refused(stripe.APIError, lambda: stripe.Customer.create(email=email))
        self.assertEqual(len(stripe.Customer.list(email=email).data), 1)

    def test_a_connection_that_breaks_is_made_again(self):
        email = fresh()
        with Faults("hang-after seconds=1 times=1 on POST /v1/customers"):
            made = stripe.Customer.create(email=email)
        self.assertEqual([c.id for c in stripe.Customer.list(email=email)], [made.id])


class Webhooks(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.endpoint = stripe.WebhookEndpoint.create(
            url=self.receiver.url, enabled_events=["customer.created", "customer.updated"],
            api_version=stripe.api_version)
        self.receiver.trust(self.endpoint.secret)

    def tearDown(self):
        stripe.WebhookEndpoint.delete(self.endpoint.id)
        self.receiver.close()

    def test_a_delivery_passes_the_sdks_own_check(self):
        made = stripe.Customer.create(email=fresh(), name="Ann")
        stripe.Customer.modify(made.id, name="Bea")
        created, updated = self.receiver.wait_for("customer.created", "customer.updated")
        self.assertIsInstance(created, stripe.Event)
        self.assertEqual(created.api_version, stripe.api_version)
        self.assertEqual(created.data.object.to_dict(), made.to_dict())
        self.assertEqual(created["request"]["id"], made.last_response.request_id)
        self.assertEqual(updated.data.previous_attributes["name"], "Ann")
        self.assertEqual(stripe.Event.retrieve(created.id).type, "customer.created")
        body, signature = self.receiver.raw[0]
        for forged, secret in ((body + b" ", self.endpoint.secret), (body, "whsec_other")):
            with self.assertRaises(stripe.SignatureVerificationError):
                stripe.Webhook.construct_event(forged, signature, secret)
        self.assertEqual(self.receiver.refused, [])

    def test_a_secret_is_shown_once(self):
        shown = stripe.WebhookEndpoint.retrieve(self.endpoint.id)
        self.assertNotIn("secret", shown)
        self.assertEqual(shown.status, "enabled")


class Clients(unittest.TestCase):
    def test_the_client_object_works_as_well(self):
        client = stripe.StripeClient(KEY, base_addresses={"api": stripe.api_base})
        customers = client.customers if BASIL else client.v1.customers
        made = customers.create({"email": fresh()})
        self.assertEqual(customers.retrieve(made.id).id, made.id)


if __name__ == "__main__":
    unittest.main()
