"""Settings → Billing in a browser: what comes, plots with figures, a shop that is down, a receipt on paper."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from billing import grants, ledger, plans
from billing.models import Customer
from tests.billing.books import make_payment
from tests.browser.windows import sign_in

PAGE = "/settings/billing/"


@pytest.fixture
def books(person: User, settings: Settings) -> None:
    """Give the person a year of credits to come, a day of spending, a payment; and let the shop be down."""
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = "sk_test_nobody_listens", "http://127.0.0.1:9"
    wallet = ledger.wallet_of(person)
    plans.put_on(wallet, plans.free())
    grants.start_monthly_credits(person)
    for number, tool in enumerate(("text-to-image", "inpaint")):
        hold = ledger.hold(wallet, 9, key=uuid4().hex, reason="9 pictures", reference=f"job:{uuid4()}", tool=tool)
        ledger.settle(hold, 9 - number, key=uuid4().hex, reason="9 pictures")
    make_payment(wallet, refunded_cents=500, owed=250)
    Customer.objects.create(user=person, customer_id="cus_1")


def open_billing(studio: Page) -> None:
    """Open the page and wait for what comes after it."""
    studio.goto(PAGE)
    expect(studio.locator("#invoices")).to_contain_text("can't be fetched")


@pytest.mark.parametrize("width", [390, 1440])
def test_everything_has_room(studio: Page, books: None, width: int) -> None:
    studio.set_viewport_size({"width": width, "height": 844})
    open_billing(studio)
    for part in studio.locator("details > summary").all():
        part.click()
    assert studio.evaluate("document.documentElement.scrollWidth") <= width


def test_the_calendar_names_its_days_and_gives_its_address(studio: Page, books: None) -> None:
    open_billing(studio)
    expect(studio.locator(".month")).to_have_count(2)
    expect(studio.locator(".day-grant").first).to_contain_text("100 credits come")
    address = studio.get_by_label("In your own calendar").input_value()
    assert studio.request.get(address).headers["content-type"].startswith("text/calendar")

    studio.get_by_role("button", name="Make a new one").click()
    expect(studio).to_have_url(re.compile(f"{PAGE}#calendar$"))
    expect(studio.locator("#invoices")).to_contain_text("can't be fetched")
    assert studio.get_by_label("In your own calendar").input_value() != address
    assert studio.request.get(address).status == 404


def test_a_plot_says_its_figures_in_words(studio: Page, books: None) -> None:
    open_billing(studio)
    plot = studio.get_by_role("img", name=re.compile("Credits spent by day: 17 credits in 30 days"))
    expect(plot).to_be_visible()
    studio.get_by_text("The figures").click()
    rows = studio.locator(".plot-scroll tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("17 credits")
    expect(studio.locator(".by-tool")).to_contain_text("Text to image")


def test_a_shop_that_is_down_leaves_the_rest_of_the_page(studio: Page, books: None) -> None:
    open_billing(studio)
    expect(studio.locator("#payments")).to_contain_text("$20.00")
    studio.get_by_role("button", name="Try again").click()
    expect(studio.locator("#invoices")).to_contain_text("can't be fetched")


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_days_and_numbers_are_written_as_the_page_speaks_whatever_the_browsers_language(
    browser: Browser, base_url: str, person: User, books: None, locale: str
) -> None:
    wallet = ledger.wallet_of(person)
    ledger.adjust(wallet, 5000, key="many", reason="For a test")
    context = browser.new_context(base_url=base_url, locale=locale)
    sign_in(context, person, base_url)
    page = context.new_page()
    open_billing(page)
    expect(page.locator("#payments time")).to_have_text(re.compile(r"^\d{1,2} [A-Z][a-z]+ \d{4}$"))
    says = "(count) => import('/static/js/words.js').then(({ tn }) => tn('{count} credit', '{count} credits', count))"
    expect(page.locator("#balance")).to_contain_text(page.evaluate(says, ledger.available(wallet)))
    context.close()


def test_a_receipt_is_printed_without_the_studio_around_it(studio: Page, books: None) -> None:
    open_billing(studio)
    studio.get_by_role("link", name=re.compile("^Receipt for 5,000 credits")).click()
    expect(studio.get_by_role("heading", name="Receipt")).to_be_visible()
    expect(studio.get_by_role("button", name="Print or save as PDF")).to_be_visible()
    studio.emulate_media(media="print", color_scheme="dark")
    for part in (".rail", ".bar", ".settings-nav", ".receipt-tools"):
        expect(studio.locator(part)).to_be_hidden()
    expect(studio.locator(".receipt")).to_contain_text("$15.00")
    assert studio.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
