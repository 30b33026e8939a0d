"""Buying as people do it: through the site's pages, the shop's pages and the shop's letters."""

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import User
from billing import grants, ledger, plans, stripe_gateway, stripe_orders, tasks
from billing.models import Payment, Product
from generation import certificates
from tests.browser import counter
from tests.browser.counter import Counter
from tests.browser.windows import watch_policy
from tests.factories import make_user
from tests.generation.pictures import draw


@pytest.fixture
def person(transactional_db: None) -> User:
    """Return somebody new, with the free plan's credits."""
    user = make_user(email="ada@example.com")
    grants.start_monthly_credits(user)
    return user


def where(user: User) -> tuple[str, int]:
    """Return the plan in force and the balance."""
    return plans.plan_of(user).pk, ledger.available(ledger.wallet_of(user))


def subscribe(studio: Page, till: Counter, plan: str = "Starter", card: str = counter.VISA) -> None:
    """Choose a plan on the pricing page and pay for it."""
    studio.goto("/pricing/")
    studio.get_by_role("button", name=f"Choose {plan}").click()
    till.pay(studio, card)
    expect(studio.locator("#toasts")).to_contain_text(f"Welcome to {plan}")


@pytest.mark.usefixtures("size")
def test_somebody_new_chooses_a_plan_signs_up_and_has_it(page: Page, till: Counter, base_url: str) -> None:
    refused = watch_policy(page)
    page.goto("/pricing/")
    page.get_by_role("link", name=re.compile("^Yearly")).click()
    expect(page.locator("#plans")).to_contain_text("$100 each year")
    expect(page.get_by_role("link", name=re.compile("^Yearly"))).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"\?by=year$"))
    page.get_by_role("link", name="Choose Starter").click()
    page.get_by_label("Email").fill("ada@example.com")
    page.get_by_label("Password", exact=True).fill("correct horse battery staple")
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Choose Starter")).to_be_visible()
    expect(page.locator("main")).to_contain_text("$100")

    page.get_by_role("button", name="Continue to payment").click()
    till.pay(page)

    expect(page.locator("#toasts")).to_contain_text("Welcome to Starter: 3,000 credits a month")
    expect(page.locator("#balance")).to_contain_text("3,000")
    user = User.objects.get(email="ada@example.com")
    assert where(user) == ("starter", 3000)
    assert till.post() == ["receipt"]
    assert where(user) == ("starter", 3000)
    assert not refused


def test_certificates_of_pictures_made_before_and_after_paying_for_a_plan(
    studio: Page, person: User, till: Counter, tmp_path: Path
) -> None:
    before = draw(person)
    subscribe(studio, till)
    after = draw(person)

    for image, use in ((before, "personal"), (after, "commercial")):
        studio.goto(f"/pictures/{image.pk}/")
        licence = studio.get_by_role("region", name="Licence")
        expect(licence).to_contain_text(f"{use} use", ignore_case=True)
        # Bought at the test shop, it is none, and says so.
        expect(licence).to_contain_text("TEST SHOP – not a licence")
        with studio.expect_download() as downloading:
            licence.get_by_role("link", name="JSON, signed").click()
        downloading.value.save_as(tmp_path / f"{use}.json")
        facts = certificates.check((tmp_path / f"{use}.json").read_text()).facts
        assert (facts["licence"]["use"], facts["plan"]["name"]) == (
            use,
            {"personal": "Free", "commercial": "Starter"}[use],
        )


def test_a_declined_card_has_the_shops_message_and_brings_nothing(studio: Page, person: User, till: Counter) -> None:
    studio.goto("/pricing/")
    studio.get_by_role("button", name="Choose Pro").click()

    till.pay(studio, counter.DECLINED)

    expect(studio.get_by_role("alert")).to_contain_text("declined")
    assert where(person) == ("free", 100)
    studio.get_by_role("link", name="Back").click()
    expect(studio.get_by_role("status").filter(has_text="Nothing was charged")).to_be_visible()
    till.post()
    assert where(person) == ("free", 100)


@pytest.mark.usefixtures("size")
def test_upgrade_cancel_and_resume(studio: Page, person: User, till: Counter) -> None:
    subscribe(studio, till, "Starter")
    studio.goto("/pricing/")
    studio.get_by_role("link", name="Change to Pro").click()
    expect(studio.locator("main")).to_contain_text("12,000 credits come at once")
    studio.get_by_role("button", name="Pay $20 and change").click()
    expect(studio.locator("#toasts")).to_contain_text("You are on Pro now")
    assert where(person) == ("pro", 15000)

    studio.get_by_role("link", name="Cancel plan").click()
    studio.get_by_role("button", name="Cancel Pro").click()
    expect(studio.locator(".plan-card")).to_contain_text("Cancelled")
    assert where(person) == ("pro", 15000)

    studio.get_by_role("button", name="Keep Pro").click()
    expect(studio.locator(".plan-card")).to_contain_text("Renews on")
    till.post()
    assert where(person) == ("pro", 15000)


def test_a_renewal_that_fails_is_said_and_made_good(studio: Page, person: User, till: Counter) -> None:
    subscribe(studio, till, "Starter", counter.FAILS_LATER)
    till.post()
    mail.outbox.clear()

    till.advance(days=32)
    assert "payment_failed" in till.post()

    assert [sent.to for sent in mail.outbox] == [[person.email]]
    studio.goto("/create/")
    expect(studio.locator("#overdue-bar")).to_contain_text("The payment for Starter failed")
    assert where(person)[0] == "starter"
    studio.get_by_role("button", name="Pay now").click()
    till.pay(studio)
    till.post()
    studio.goto("/create/")
    expect(studio.locator("#overdue-bar")).to_have_count(0)
    studio.goto("/settings/billing/")
    expect(studio.locator(".plan-card")).to_contain_text("Renews on")


def test_a_promotion_code_and_tax_are_taken_into_account_at_the_checkout(
    studio: Page, person: User, till: Counter, settings: LazySettings
) -> None:
    settings.STRIPE_AUTOMATIC_TAX = True
    stripe_gateway.v1().coupons.create({"id": "half", "percent_off": 50, "duration": "once"})
    stripe_gateway.v1().promotion_codes.create({"promotion": {"type": "coupon", "coupon": "half"}, "code": "HALF"})
    studio.goto("/pricing/")
    studio.get_by_role("button", name="Choose Starter").click()
    studio.get_by_label("Promotion code").fill("NONE")
    studio.get_by_role("button", name="Apply").click()
    expect(studio.get_by_role("alert")).to_contain_text("invalid")
    studio.get_by_label("Promotion code").fill("half")
    studio.get_by_role("button", name="Apply").click()
    expect(studio.get_by_role("status").filter(has_text="The code is applied")).to_be_visible()
    expect(studio.locator(".shop-sums")).to_contain_text("Tax")

    till.pay(studio)

    expect(studio.locator("#toasts")).to_contain_text("Welcome to Starter")
    assert where(person) == ("starter", 3000)
    payment = Payment.objects.get()
    assert payment.amount_cents == 500 + payment.tax_cents > 500
    studio.goto(f"/settings/billing/receipts/{payment.pk}/")
    expect(studio.locator("main")).to_contain_text("Tax")


def test_a_bank_that_asks_is_answered_before_the_plan_changes(studio: Page, person: User, till: Counter) -> None:
    studio.goto("/pricing/")
    studio.get_by_role("button", name="Choose Starter").click()
    till.pay(studio, counter.ALWAYS_ASKS)
    studio.get_by_role("button", name="Yes, complete").click()
    expect(studio.locator("#toasts")).to_contain_text("Welcome to Starter")
    studio.goto("/settings/billing/change/?plan=pro&interval=month")
    studio.get_by_role("button", name="Pay $20 and change").click()
    expect(studio.get_by_role("alert")).to_contain_text("One step is left")
    studio.goto("/settings/billing/")
    expect(studio.locator(".plan-card")).to_contain_text("A change waits for your bank")

    studio.get_by_role("button", name="Confirm with my bank").click()
    till.pay(studio, counter.ALWAYS_ASKS)
    studio.get_by_role("button", name="Yes, complete").click()
    till.post()

    studio.goto("/settings/billing/")
    expect(studio.locator(".plan-card")).to_contain_text("Renews on")
    assert where(person) == ("pro", 15000)


def test_a_card_is_changed_in_the_portal(studio: Page, person: User, till: Counter) -> None:
    subscribe(studio, till, "Starter")
    studio.get_by_role("button", name="Card and address").click()

    studio.get_by_label("Card number").fill("5555 5555 5555 4444")
    studio.get_by_label("Expires").fill("11 / 41")
    studio.get_by_label("Security code").fill("321")
    studio.get_by_role("button", name="Use this card").click()
    expect(studio.get_by_role("status")).to_contain_text("Saved")
    studio.get_by_role("link", name="Back to the site").click()
    till.post()
    studio.reload()

    expect(studio.locator(".plan-card")).to_contain_text("4444")


@pytest.mark.usefixtures("size")
def test_a_pack_is_bought_and_paid_back(studio: Page, person: User, till: Counter) -> None:
    subscribe(studio, till, "Starter")
    studio.goto("/pricing/#packs")
    studio.get_by_role("button", name="Buy for $5: 1,000 credits").click()
    studio.get_by_role("button", name="Pay $5").click()  # with the card that is known already
    expect(studio.locator("#toasts")).to_contain_text("1,000 credits are here")
    assert where(person) == ("starter", 4000)

    paid = Payment.objects.get(kind=Payment.Kind.PACK)
    stripe_orders.refund(paid.payment_intent_id, key="by the operator")
    assert "refund" in till.post()

    assert where(person) == ("starter", 3000)
    studio.goto("/settings/billing/")
    expect(studio.locator("main")).to_contain_text("−1,000")
    expect(studio.locator("#balance")).to_contain_text("3,000")


def test_api_credits_top_themselves_up_with_the_card_that_was_kept(studio: Page, person: User, till: Counter) -> None:
    wallet = ledger.wallet_of(person, Product.API)
    studio.goto("/settings/billing/?product=api")
    studio.get_by_label("Top up automatically").check()
    studio.locator(".top-up").get_by_role("button", name="Save").click()
    expect(studio.locator("#is_on-error")).to_contain_text("There is no saved card")

    studio.goto("/pricing/api/")
    studio.get_by_role("button", name="Buy for $45: 5,000 credits").click()
    till.pay(studio)
    studio.goto("/settings/billing/?product=api")
    studio.get_by_label("Top up automatically").check()
    studio.get_by_label("Buy", exact=True).select_option("api-5000")
    studio.get_by_label("When there are fewer than").fill("5001")
    studio.locator(".top-up").get_by_role("button", name="Save").click()
    expect(studio.locator("#below_credits-error")).to_contain_text("5,000 at most, not 5,001")
    studio.get_by_label("When there are fewer than").fill("600")
    studio.get_by_label("At most each month").fill("100")
    studio.locator(".top-up").get_by_role("button", name="Save").click()
    expect(studio.locator("#toasts")).to_contain_text("Automatic top-up is on")

    ledger.adjust(wallet, -4500, key="spent", reason="Spent")
    assert [tasks.top_up(), tasks.top_up()] == [1, 0]
    studio.reload()
    expect(studio.locator("#ledger")).to_contain_text("Automatic top-up: 5,000 API credits")
    expect(studio.locator(".top-up")).to_contain_text("$45 this month so far")
    assert ledger.available(wallet) == 5500


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_that_sells_is_wider_than_its_window(studio: Page, person: User, till: Counter, width: int) -> None:
    studio.set_viewport_size({"width": width, "height": 844})
    subscribe(studio, till, "Starter")
    change, pack = "/settings/billing/change/?plan=pro&interval=year", "/settings/billing/pack/?pack=site-1000"
    own = ("cancel/", "statement/", "")
    for path in ("/pricing/?by=year", "/pricing/api/", change, pack, *(f"/settings/billing/{page}" for page in own)):
        studio.goto(path)
        assert studio.evaluate("document.documentElement.scrollWidth") <= width, path
        expect(studio.locator("#test-shop-bar")).to_be_visible()
