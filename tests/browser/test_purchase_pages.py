"""The pages of a purchase that runs: axe-core finds nothing, Tab comes to everything and all has room.

One person buys, changes, cancels and fails to pay at the test shop; each state is looked at as it comes, in both themes
and at both widths. `test_everywhere.py` has the pages of who has bought nothing.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import User
from billing import ledger, stripe_gateway, stripe_orders, subscriptions, tasks
from billing.models import Pack, Payment, Product, Subscription, Wallet
from tests.browser import counter
from tests.browser.counter import Counter
from tests.browser.office import make_operator
from tests.browser.test_every_stop import missed_here
from tests.browser.test_everywhere import THEMES
from tests.browser.windows import sign_in
from tests.generation.pictures import draw
from tests.visitors import visitor

WIDTHS = (1440, 390)
# What of Billing differs by the state of the plan; the whole of it is slow to look at, and is once.
PLAN = ".plan-card"
BILLING, API_BILLING = "/settings/billing/", "/settings/billing/?product=api"
CHANGE = "/settings/billing/change/?plan={}&interval={}"


@dataclass
class Walk:
    """A browser in which the person is signed in, and what was found wrong in what it showed."""

    page: Page
    found: list[str] = field(default_factory=list)

    def look(self, state: str, part: str | None = None) -> None:
        """Look at the page that is open, in both themes and at both widths; axe at a part of it, if one is given."""
        page, axe = self.page, Axe()
        page.wait_for_load_state("networkidle")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                self.found.append(f"{state}: wider than {width}")
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                # What the themes differ in is colour.
                options = {"runOnly": ["color-contrast"]} if theme == "dark" else None
                broken: list[dict[str, Any]] = axe.run(page, part, options).response["violations"]
                self.found += [
                    f"{state}, {theme}, {width}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in broken
                ]
        # The frame around it is walked at either width elsewhere.
        self.found += [f"{state}, {WIDTHS[-1]}: {line}" for line in missed_here(page)]
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    def open(self, path: str, holds: str, part: str | None = None) -> None:
        """Open a page, see that it is in the state that is meant, and look."""
        self.page.goto(path)
        expect(self.page.locator("main")).to_contain_text(holds)
        self.look(f"{path} ({holds})", part)

    def press(self, name: str, holds: str, part: str | None = None, *, role: Any = "button") -> None:
        """Press something, see what comes of it, and look."""
        self.page.get_by_role(role, name=name).first.click()
        expect(self.page.locator("main")).to_contain_text(holds)
        self.look(f"{name} ({holds})", part)


@pytest.fixture
def walk(browser: Browser, base_url: str, person: User, till: Counter) -> Any:
    """Yield the walk of the person; the policy lets no foreign script in, and here one looks at the page."""
    context = browser.new_context(base_url=base_url, bypass_csp=True, reduced_motion="reduce")
    sign_in(context, person, base_url)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield Walk(page)
    context.close()


def test_a_plan_is_bought_changed_and_cancelled(walk: Walk, person: User, till: Counter) -> None:
    page = walk.page
    walk.open("/settings/billing/plan/?plan=starter&interval=month", "Continue to payment")
    walk.press("Continue to payment", "Due today")
    page.get_by_label("Promotion code").fill("NONE")
    walk.press("Apply", "invalid")
    till.pay(page, counter.DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    walk.look("declined")
    till.pay(page, counter.ALWAYS_ASKS)
    expect(page.get_by_role("heading", name="Complete authentication")).to_be_visible()
    walk.look("the bank asks")
    page.get_by_role("button", name="Yes, complete").click()
    expect(page.locator("#toasts")).to_contain_text("Welcome to Starter")
    walk.look("welcome")

    walk.open(CHANGE.format("pro", "month"), "Due today")
    walk.press("Pay $20 and change", "One step is left")
    walk.open(BILLING, "A change waits for your bank", PLAN)
    walk.press("Confirm with my bank", "Invoice")
    till.pay(page)
    till.post()

    walk.open(BILLING, "Renews on")
    walk.open("/pricing/?by=year", "Yours by the month")
    walk.open(CHANGE.format("starter", "month"), "Nothing is due today")
    walk.press("Change on", "it becomes Starter", PLAN)
    walk.open("/pricing/", "Yours until")
    walk.open(CHANGE.format("pro", "month"), "goes on as it is")
    page.get_by_role("button", name="Keep Pro").click()
    walk.open("/settings/billing/cancel/", "You have paid until")
    walk.press("Cancel Pro", "Lasts until", PLAN)

    page.goto(BILLING)
    walk.press("Card and address", "Ends on")
    walk.press("Resume", "Saved.")
    walk.press("Use this card", "number")
    walk.open(f"/pictures/{draw(person).pk}/", "not a licence")
    till.post()
    walk.open(BILLING, "Renews on", PLAN)
    invoice = till.documents("invoice")[0]
    walk.open(f"/test-shop/invoice/{invoice['id']}", "Paid")

    User.objects.filter(pk=person.pk).update(is_staff=True)
    walk.open("/test-shop/", "Latest events")
    walk.press("A day on", "1 day ahead")

    assert not walk.found, "\n".join(walk.found)


def test_packs_and_receipts(walk: Walk, person: User, till: Counter) -> None:
    page = walk.page
    wallet = ledger.wallet_of(person, Product.API)
    walk.open(API_BILLING, "Top up automatically")
    page.get_by_label("Top up automatically").check()
    walk.press("Save", "There is no saved card")
    walk.open("/settings/billing/pack/?pack=api-5000", "They do not draw pictures in the studio")
    page.get_by_role("button", name="Continue to payment").click()
    till.pay(page)
    expect(page.locator("#toasts")).to_contain_text("5,000")
    walk.look("a pack is here")
    page.goto("/pricing/api/")
    walk.press("Buy for $45: 5,000 credits", "Another card")
    walk.press("← Back", "Nothing was charged", role="link")

    page.goto(API_BILLING)
    page.get_by_label("Top up automatically").check()
    page.get_by_label("Buy", exact=True).select_option("api-5000")
    page.get_by_label("When there are fewer than").fill("600")
    page.get_by_label("At most each month").fill("100")
    page.locator(".top-up").get_by_role("button", name="Save").click()
    ledger.adjust(wallet, -4500, key="spent", reason="Spent")
    tasks.top_up()
    till.post()
    walk.open(API_BILLING, "Automatic top-up: 5,000 API credits")
    payment = Payment.objects.first()
    assert payment
    walk.open(f"/settings/billing/receipts/{payment.pk}/", "Paid on")
    walk.open("/settings/billing/statement/", "Statement of credits")
    walk_refund(walk, payment, till)
    walk_top_up_that_stops(walk, wallet, till)

    assert not walk.found, "\n".join(walk.found)


def walk_refund(walk: Walk, payment: Payment, till: Counter) -> None:
    """Pay an API pack back, and look at everything that says so."""
    stripe_orders.refund(payment.payment_intent_id, key="by the operator")
    till.post()
    walk.open(API_BILLING, "−5,000", "#ledger")
    walk.look("a payment that was refunded", "#payments")
    walk.open("/settings/billing/statement/?product=api", "Taken back")
    walk.open(f"/settings/billing/receipts/{payment.pk}/", "Paid after refunds")
    (charge,) = till.documents("charge", payment_intent=payment.payment_intent_id)
    walk.open(f"/test-shop/receipt/{charge['id']}", "Refunded")


def walk_top_up_that_stops(walk: Walk, wallet: Wallet, till: Counter) -> None:
    """Have the card decline a top-up, then the pack's price change before and after the next one is due."""
    page = walk.page
    page.goto("/pricing/api/")
    page.get_by_role("button", name="Buy for $45: 5,000 credits").click()
    page.get_by_label("Another card").check()
    till.pay(page, counter.FAILS_LATER)
    expect(page.locator("#toasts")).to_contain_text("5,000")
    ledger.adjust(wallet, 100 - ledger.available(wallet), key="spent again", reason="Spent")
    tasks.top_up()
    walk.open(API_BILLING, "We turned it off", "#top-up")

    page.get_by_label("Top up automatically").check()
    page.locator(".top-up").get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Automatic top-up is on")
    Pack.objects.filter(pk="api-5000").update(price_cents=5000)
    walk.open(API_BILLING, "price has changed since you agreed", "#top-up")
    tasks.top_up()
    walk.open(API_BILLING, "it is 5,000 for $50 now", "#top-up")


def test_a_payment_fails(walk: Walk, till: Counter) -> None:
    page = walk.page
    page.goto("/settings/billing/plan/?plan=starter&interval=month")
    page.get_by_role("button", name="Continue to payment").click()
    till.pay(page, counter.FAILS_LATER)
    expect(page.locator("#toasts")).to_contain_text("Welcome to Starter")
    till.post()
    till.advance(days=32)
    till.post()

    page.goto("/create/")
    expect(page.locator("#overdue-bar")).to_contain_text("failed")
    walk.look("/create/, a payment failed")
    walk.open("/pricing/", "Payment failed")
    walk.open(BILLING, "The payment for Starter failed", PLAN)
    now = timezone.now()
    Subscription.objects.update(past_due_since=now - timedelta(days=30))
    subscriptions.end_graces(now)
    walk.open(BILLING, "Starter is paused", PLAN)
    walk.press("Pay now", "Pay $10")
    till.pay(page, counter.DECLINED)
    walk.look("an invoice whose card is declined")
    till.pay(page, counter.ALWAYS_ASKS)
    walk.look("the bank asks about an invoice")
    page.get_by_role("button", name="Yes, complete").click()
    walk.look("an invoice that is paid")
    till.post()
    walk.open(BILLING, "Renews on", PLAN)

    assert not walk.found, "\n".join(walk.found)


def test_a_given_plan_and_what_else_the_shop_shows(walk: Walk, person: User, till: Counter, settings: Settings) -> None:
    page, wallet = walk.page, ledger.wallet_of(person)
    given = {"plan": "pro", "reason": "A friend of the house"}
    visitor(make_operator()).post(reverse("admin:billing_wallet_plan", args=[wallet.pk]), given)
    walk.open(BILLING, "From the team", PLAN)

    settings.STRIPE_AUTOMATIC_TAX = True
    stripe_gateway.v1().coupons.create({"id": "half", "percent_off": 50, "duration": "once"})
    stripe_gateway.v1().promotion_codes.create({"promotion": {"type": "coupon", "coupon": "half"}, "code": "HALF"})
    page.goto("/settings/billing/plan/?plan=starter&interval=month")
    page.get_by_role("button", name="Continue to payment").click()
    page.get_by_label("Promotion code").fill("half")
    walk.press("Apply", "The code is applied")
    checkout = page.url
    page.get_by_label("Card number").fill("1234")
    walk.press("Subscribe", "Your card number is invalid")
    with till.shop.store.books() as books:
        session = books.get("checkout.session", checkout.rpartition("/")[2])
        books.put({**session, "status": "expired"})
    walk.open(checkout, "This checkout has expired")
    page.goto(BILLING)
    walk.press("Card and address", "There is no subscription")

    assert not walk.found, "\n".join(walk.found)
