"""The shop as a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import stripe
from django.conf import settings

from tests.billing.test_shop import counter


def test_the_command_serves_a_shop_that_tells_its_webhook(tmp_path: Path) -> None:
    with counter.open_inbox() as inbox:
        command = [sys.executable, "-m", "billing.test_shop", "--port", "0", "--file", str(tmp_path / "shop.sqlite3")]
        options = ["--webhook", inbox.url, "--webhook-secret", "whsec_mine"]
        process = subprocess.Popen(
            [*command, *options],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            address = re.search(r"http://[\d.:]+", process.stdout.readline())
            assert address is not None
            client = stripe.StripeClient("sk_test_any", base_addresses={"api": address[0]})
            client.v1.customers.create({"name": "Ada"})
            assert counter.wait_for(lambda: bool(inbox.letters))
        finally:
            process.terminate()
            process.wait(timeout=20)
        body, signature = inbox.letters[0]
        assert stripe.Webhook.construct_event(body, signature, "whsec_mine").type == "customer.created"
