"""The shop's own desk."""

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_the_desk_shows_who_subscribes_and_what_happened(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    assert "None yet." in shop.visit(f"{shop.url}/").text
    shop.tell("http://127.0.0.1:9/")
    journeys.subscribe(shop, customer, catalog.basic)
    page = shop.visit(f"{shop.url}/").text
    for text in (
        "ada@example.com",
        "$10.00 each month",
        "checkout.session.completed",
        "waiting",
        "4242 4242 4242 4242",
    ):
        assert text in page


def test_a_month_on_renews_a_plan(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    journeys.subscribe(shop, customer, catalog.basic)
    assert shop.visit(f"{shop.url}/", step="month").status == 303
    assert "31 days ahead" in shop.visit(f"{shop.url}/").text
    assert len(shop.v1.invoices.list({"customer": customer}).data) == 2
