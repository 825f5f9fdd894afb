"""What the stories share: the sandbox, a webhook receiver, a browser."""

import json
import os
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import stripe

BASE = os.environ["SANDBOX_URL"]
KEY = "sk_test_story"
BASIL = stripe.api_version.endswith(".basil")

stripe.api_base = BASE
stripe.api_key = KEY


def form(url, **fields):
    """Sends a form as a browser would, without following where it leads."""
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    body = urllib.parse.urlencode(fields).encode()
    try:
        return urllib.request.build_opener(Stay).open(url, body).status
    except urllib.error.HTTPError as answer:
        return answer.code


def pay(session, number="4242424242424242"):
    """Fills in the payment page."""
    return form(session.url, email="ann@example.com", number=number, expiry="12/34",
                cvc="123", name="Ann Lee")


class Faults:
    """Lets something go wrong for the length of a block."""

    def __init__(self, rules):
        self.rules = rules

    def __enter__(self):
        form(BASE + "/_sandbox/faults", faults=self.rules)
        return self

    def __exit__(self, *_):
        request = urllib.request.Request(BASE + "/_sandbox/faults", method="DELETE")
        urllib.request.urlopen(request).close()

    def hits(self):
        with urllib.request.urlopen(BASE + "/_sandbox/faults") as answer:
            return sum(rule["hit"] for rule in json.load(answer)["rules"])


class Receiver:
    """A merchant's webhook endpoint. `events` are only those that the SDK has verified."""

    def __init__(self):
        self.events, self.refused, self.raw = [], [], []
        self.changed = threading.Condition()
        self.secret = None
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.take(body, self.headers["stripe-signature"])
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body, signature):
        with self.changed:
            # The first delivery may come before the caller knows the secret.
            self.changed.wait_for(lambda: self.secret, 20)
            try:
                self.events.append(stripe.Webhook.construct_event(body, signature, self.secret))
                self.raw.append((body, signature))
            except Exception as error:
                self.refused.append(error)
            self.changed.notify_all()

    def trust(self, secret):
        with self.changed:
            self.secret = secret
            self.changed.notify_all()

    def wait_for(self, *types):
        """The events of these types, once all have come."""
        def found():
            kinds = [event.type for event in self.events]
            return all(kind in kinds for kind in types)

        with self.changed:
            assert self.changed.wait_for(found, 20), [event.type for event in self.events]
            return [next(e for e in self.events if e.type == kind) for kind in types]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
