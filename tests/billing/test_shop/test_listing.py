"""Pages of lists and `expand`."""

import pytest
import stripe

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_a_list_is_walked_page_by_page_newest_first(shop: OpenShop) -> None:
    made = [shop.v1.customers.create({"name": str(number)}).id for number in range(7)]
    first = shop.v1.customers.list({"limit": 3})
    assert ([one.id for one in first.data], first.has_more) == (made[:3:-1], True)
    assert [one.id for one in first.auto_paging_iter()] == made[::-1]
    last = shop.v1.customers.list({"limit": 3, "starting_after": made[1]})
    assert ([one.id for one in last.data], last.has_more) == ([made[0]], False)
    back = shop.v1.customers.list({"limit": 3, "ending_before": made[0]})
    assert ([one.id for one in back.data], back.has_more) == (made[3:0:-1], True)


def test_a_list_is_filtered_by_fields_and_bounds(shop: OpenShop) -> None:
    shop.v1.customers.create({"email": "a@example.com"})
    now = shop.advance(seconds=1000)
    late = shop.v1.customers.create({"email": "b@example.com"})
    assert [one.id for one in shop.v1.customers.list({"email": "b@example.com"}).data] == [late.id]
    assert [one.id for one in shop.v1.customers.list({"created": {"gte": now}}).data] == [late.id]
    assert shop.v1.customers.list({"created": {"lt": now - 2000}}).data == []


def test_an_unknown_cursor_is_refused(shop: OpenShop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        shop.v1.customers.list({"starting_after": "cus_none"})
    assert error.value.param == "starting_after"


def test_ids_are_expanded_along_a_path(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    journeys.subscribe(shop, customer, catalog.basic)
    paths = ["data.latest_invoice.payments", "data.customer", "data.default_payment_method"]
    found = shop.v1.subscriptions.list({"customer": customer, "expand": paths}).data[0]
    assert found.customer.email == "ada@example.com"
    assert found.default_payment_method.card.last4 == "4242"
    assert found.latest_invoice.payments.data[0].status == "paid"
    assert isinstance(found.latest_invoice.customer, str)


@pytest.mark.parametrize("path", ["nothing", "email", "invoice_settings.default_payment_method.card.x.y"])
def test_what_cannot_be_expanded_is_refused(shop: OpenShop, customer: str, path: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        shop.v1.customers.retrieve(customer, {"expand": [path]})
