"""One request: the key, the version, the words of a refusal, and keys that make a repetition harmless."""

import multiprocessing
import queue
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.billing.test_shop import counter
from tests.billing.test_shop.counter import OpenShop, told

# A hundred requests, which take a second on a quiet machine.
_PATIENCE_SECONDS = 600


def client(shop: OpenShop, key: str = counter.KEY, version: str | None = None) -> Any:
    return stripe.StripeClient(key, base_addresses={"api": shop.url}, max_network_retries=0, stripe_version=version)


@pytest.mark.parametrize("key", ["sk_test_another", "pk_test_shop"])
def test_another_key_is_refused(shop: OpenShop, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        client(shop, key).v1.customers.list()


def test_a_request_without_a_key_is_refused_and_basic_authentication_works(shop: OpenShop) -> None:
    assert shop.visit(f"{shop.url}/v1/customers").status == 401
    with_name = shop.url.replace("http://", f"http://{counter.KEY}:@")
    assert counter.get_with_basic_authentication(with_name, "/v1/customers").status == 200


def test_another_version_is_refused(shop: OpenShop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"2026-10-28\.endive"):
        client(shop, version="2020-08-27").v1.customers.list()


def test_an_answer_has_a_request_id_and_the_version(shop: OpenShop) -> None:
    answer = client(shop).v1.customers.list().last_response
    assert answer.request_id.startswith("req_")
    assert answer.headers["Stripe-Version"] == stripe.api_version


def test_an_address_that_is_none_is_named(shop: OpenShop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"Unrecognized request URL \(GET: /v1/tokens/x\)") as error:
        shop.v1.tokens.retrieve("x")
    assert error.value.http_status == 404


def test_an_unknown_parameter_is_refused_by_name_and_nothing_is_done(shop: OpenShop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.customers.create({"email": "a@example.com", "shipping": {"name": "Ada"}})
    assert (error.value.http_status, error.value.param, error.value.code) == (400, "shipping", "parameter_unknown")
    assert shop.v1.customers.list().data == []


def test_a_key_repeats_the_first_answer(shop: OpenShop) -> None:
    first = shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "one"})
    again = shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "one"})
    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(shop.v1.customers.list().data) == 1


def test_a_key_with_other_words_is_refused(shop: OpenShop) -> None:
    shop.v1.customers.create({"name": "Ada"}, {"idempotency_key": "one"})
    with pytest.raises(stripe.IdempotencyError):
        shop.v1.customers.create({"name": "Bob"}, {"idempotency_key": "one"})


def test_a_refusal_that_did_nothing_frees_its_key(shop: OpenShop) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.products.create({"name": ""}, {"idempotency_key": "one"})
    assert shop.v1.products.create({"name": "Plan"}, {"idempotency_key": "one"}).name == "Plan"


def test_a_declined_card_is_declined_again_under_its_key_and_charged_once(shop: OpenShop, customer: str) -> None:
    method = shop.v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer}).id
    words = {"amount": 500, "currency": "usd", "customer": customer, "payment_method": method, "confirm": True}
    words["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as error:
            shop.v1.payment_intents.create(words, {"idempotency_key": "one"})
    assert error.value.http_status == 402
    assert error.value.code == "card_declined"
    assert told(error).decline_code == "generic_decline"
    assert len(shop.v1.charges.list({"customer": customer}).data) == 1


def test_two_processes_serve_one_shop_and_a_key_sent_to_both_is_one_deed(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    with counter.open_shop(tmp_path) as shop:
        barrier, results = spawn.Barrier(2), spawn.Queue()
        crews = [spawn.Process(target=_create_many, args=(tmp_path, barrier, results), daemon=True) for _ in range(2)]
        for crew in crews:
            crew.start()
        made = [_heard(results, crews) for _ in crews]
        for crew in crews:
            crew.join()
        assert made[0] == made[1]
        names = sorted(one.name for one in shop.v1.customers.list({"limit": 100}).auto_paging_iter())
        assert names == sorted(f"number {number}" for number in range(25))


def _heard(results: Any, crews: Sequence[BaseProcess]) -> list[str]:
    """Return what a crew made, however busy the machine is; a crew that died says nothing any more."""
    for _ in range(_PATIENCE_SECONDS):
        try:
            found: list[str] = results.get(timeout=1)
        except queue.Empty:
            assert not any(crew.exitcode for crew in crews), "a crew died"
        else:
            return found
    pytest.fail(f"the crews were not done after {_PATIENCE_SECONDS} s")


def _create_many(folder: Path, barrier: Any, results: Any) -> None:
    """Serve the same books from this process, and create the same customers as the other one, with the same keys."""
    with counter.open_shop(folder) as shop:
        barrier.wait()
        ids = [
            shop.v1.customers.create({"name": f"number {number}"}, {"idempotency_key": f"key {number}"}).id
            for number in range(25)
        ]
    results.put(ids)
