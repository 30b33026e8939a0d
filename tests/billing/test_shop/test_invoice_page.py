"""Invoices and receipts as pages and files."""

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


def test_an_invoice_can_be_read_and_kept(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    invoice = shop.v1.invoices.retrieve(subscription.latest_invoice)
    page = shop.visit(invoice.hosted_invoice_url)
    for text in ("Test shop. No real money.", invoice.number, "$10.00", "Paid"):
        assert text in page.text
    assert 'name="number"' not in page.text
    file = shop.visit(invoice.invoice_pdf)
    assert file.headers["Content-Type"] == "application/pdf"
    assert invoice.number in file.headers["Content-Disposition"]
    assert "No real money" in file.text
    assert invoice.number in file.text


def test_a_receipt_tells_of_a_refund(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    shop.pay(journeys.checkout(shop, customer, catalog.pack, "payment").url)
    charge = shop.v1.charges.list({"customer": customer}).data[0]
    assert "Refunded" not in shop.visit(charge.receipt_url).text
    shop.v1.refunds.create({"charge": charge.id, "amount": 500})
    page = shop.visit(charge.receipt_url).text
    assert "$15.00" in page
    assert "$5.00" in page


def test_a_paid_invoice_takes_no_second_payment(shop: OpenShop, catalog: Catalog, customer: str) -> None:
    subscription = journeys.subscribe(shop, customer, catalog.basic)
    shop.pay(shop.v1.invoices.retrieve(subscription.latest_invoice).hosted_invoice_url)
    assert len(shop.v1.charges.list({"customer": customer}).data) == 1
