"""What an operator does in the admin, at a desk and on a phone: with the mouse, with Enter, and by keyboard alone.

Each deed is looked for in the audit log afterwards, as an operator would look for it.
"""

from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import FeatureSwitch, User
from billing import ledger
from generation import moderation_queue
from generation.models import ModelSwitch, ModerationCase
from tests.browser.office import OPERATOR, make_operator
from tests.browser.test_security import PASSWORD
from tests.browser.windows import sign_in, watch_policy
from tests.generation.pictures import draw
from tests.generation.runs import balance, finished
from tests.generation.test_moderation_queue import refused

pytestmark = pytest.mark.usefixtures("size")

STOPS_MAX = 120
_IS_SEEN = """(at) => {
  const style = getComputedStyle(at);
  return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
}"""


@pytest.fixture
def office(page: Page, person: User, base_url: str) -> Iterator[Page]:
    """Yield a page with an operator signed in; code that the policy refuses fails the test."""
    page.set_default_timeout(120_000)
    refusals = watch_policy(page)
    sign_in(page.context, make_operator(), base_url)
    yield page
    assert not refusals


def search(page: Page, path: str, words: str) -> None:
    """Search a list of the admin by Enter."""
    page.goto(path)
    page.locator("#searchbar").fill(words)
    page.locator("#searchbar").press("Enter")
    page.wait_for_url("**?*q=*")


def find_in_log(page: Page, *notes: str) -> None:
    """See that the audit log has these words, each found by its search."""
    for note in notes:
        search(page, "/admin/accounts/auditline/", note)
        line = page.locator("#result_list tbody tr").first
        expect(line).to_contain_text(note)
        expect(line).to_contain_text(OPERATOR)


def open_person(page: Page, person: User) -> None:
    search(page, "/admin/accounts/user/", person.email)
    page.get_by_role("link", name=person.email).click()
    page.wait_for_url("**/change/**")


# --- The first page --------------------------------------------------------------------------------------------


def test_an_operator_signs_in_at_the_admins_door_and_reads_the_plots(page: Page, base_url: str, person: User) -> None:
    make_operator()
    finished(person)
    page.goto("/admin/")
    page.locator("[name=login]").fill(OPERATOR)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")

    for days in (7, 90, 30):
        page.get_by_role("link", name=f"{days} days").click()
        expect(page.get_by_role("link", name=f"{days} days")).to_have_attribute("aria-current", "page")
        ends = page.locator("figure.plot").filter(has_text="Runs, by how they ended")
        expect(ends.locator(".plot-day")).to_have_count(days)
        ends.get_by_text("The figures").click()
        expect(ends.get_by_role("row").nth(1)).to_contain_text("1")
    find_in_log(page, "sign in")


def test_who_runs_nothing_is_not_let_in(studio: Page) -> None:
    studio.goto("/admin/")
    assert "/admin/accounts" not in studio.content()
    assert "Figures by day" not in studio.content()


# --- People ----------------------------------------------------------------------------------------------------


def test_a_person_is_found_given_credits_suspended_and_let_in_again(
    office: Page, person: User, stranger: Page, base_url: str
) -> None:
    sign_in(stranger.context, person, base_url)  # the window is the person's own here
    search(office, "/admin/accounts/user/", "ada@")
    row = office.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    row.get_by_role("link", name="100").click()
    office.get_by_role("link", name="Give or take credits").click()
    office.get_by_label("Credits").fill("25")
    office.get_by_role("button", name="Give or take credits").click()
    expect(office.get_by_text("This field is required.")).to_be_visible()
    assert balance(person) == 100
    office.get_by_label("Reason").fill("A gift for Ada")
    office.get_by_role("button", name="Give or take credits").click()
    expect(office.get_by_text("+25 credits for")).to_be_visible()
    assert balance(person) == 125

    for action, reason in (("Suspend with a reason", "It was spam"), ("Lift the suspension", "It was a mistake")):
        search(office, "/admin/accounts/user/", "ada@")
        office.locator("#result_list .action-select").check()
        office.get_by_label("Action:").select_option(label=action)
        office.get_by_role("button", name="Go", exact=True).click()
        office.get_by_label("Reason").fill(reason)
        office.locator(".submit-row input").click()
        expect(office.locator(".messagelist .success")).to_be_visible()
        stranger.goto("/library/")
        assert ("/login/" in stranger.url) is (action == "Suspend with a reason")
        assert reason in mail.outbox[-1].body
    person.refresh_from_db()
    assert person.is_active
    find_in_log(office, "A gift for Ada", "It was spam", "It was a mistake")


def test_the_site_is_seen_as_a_person_and_left_again(office: Page, person: User) -> None:
    image = draw(person, prompt="a red fox")
    open_person(office, person)
    office.get_by_role("link", name="View as …").click()
    office.get_by_label("Reason").fill("Ticket 7")
    office.get_by_label("Reason").press("Enter")

    office.wait_for_url("**/library/")
    expect(office.get_by_text("You see the site as ada@example.com.")).to_be_visible()
    expect(office.locator(f"#pictures a[href*='{image.pk}']").first).to_be_visible()
    office.goto("/settings/your-data/erase/")
    expect(office.get_by_text("This page is closed while you look at the site as somebody else.")).to_be_visible()
    office.get_by_role("button", name="Stop").click()
    office.wait_for_url("**/admin/accounts/user/**")
    expect(office.locator("#view-as-bar")).to_have_count(0)
    find_in_log(office, "Ticket 7")


def test_the_tags_of_the_showcase_are_seen_as_the_person_too(office: Page, person: User, settings: Settings) -> None:
    settings.SHOWCASE = True
    ledger.wallet_of(person)
    office.goto(f"/admin/accounts/user/{person.pk}/view-as/")
    office.get_by_label("Reason").fill("Ticket 8")
    office.get_by_label("Reason").press("Enter")
    office.wait_for_url("**/library/")
    office.goto("/showcase/")
    office.get_by_role("link", name="All tags").click()

    expect(office.get_by_role("heading", name="Tags", exact=True)).to_be_visible()


# --- Runs, the queue, switches ---------------------------------------------------------------------------------


def test_a_run_is_inspected_and_a_credit_given_back(office: Page, person: User) -> None:
    run = draw(person, prompt="a red fox").job
    search(office, "/admin/generation/job/", "ada@example.com")
    office.get_by_role("link", name=str(run.pk)).click()
    expect(office.get_by_role("heading", name="What happened")).to_be_visible()
    expect(office.locator(".run-prompt")).to_have_text("Text to image")
    office.get_by_label("Reason").fill("Ticket 7")
    office.get_by_role("button", name="Show prompts and pictures").click()
    expect(office.locator(".run-prompt")).to_have_text("a red fox")
    before = balance(person)

    office.get_by_role("link", name="Give credits back …").click()
    office.get_by_label("Reason").fill("It was blurred")
    office.get_by_role("button", name="Give credits back").click()
    expect(office.get_by_text("1 credits given back to")).to_be_visible()
    expect(office.get_by_role("link", name="Give credits back …")).to_have_count(0)
    assert balance(person) == before + 1
    office.get_by_role("link", name="audit log").click()
    expect(office.locator("#result_list")).to_contain_text("1 credits given back: It was blurred")


def test_a_case_is_decided(office: Page, person: User) -> None:
    case = refused(person)
    moderation_queue.appeal(case, "It is a statue in a public museum.")
    office.goto("/admin/")
    office.get_by_role("link", name="Moderation: what waits for a decision").click()
    office.locator("#result_list tbody tr th a, #result_list tbody tr td a").first.click()
    expect(office.get_by_text("It is a statue in a public museum.")).to_be_visible()
    office.get_by_label("Allowed", exact=True).check()
    office.locator("[name=_save]").click()
    expect(office.get_by_text("This field is required.")).to_be_visible()
    office.get_by_label("Reason").last.fill("A statue, clearly")
    office.locator("[name=_save]").click()

    expect(office.get_by_text("Decided, and the person is told.")).to_be_visible()
    assert ModerationCase.objects.get().decision == "passed"
    assert "A statue, clearly" in mail.outbox[-1].body
    find_in_log(office, "A statue, clearly")


def test_a_feature_is_turned_off_and_on(office: Page, person: User, stranger: Page) -> None:
    office.goto("/admin/accounts/featureswitch/")
    office.get_by_role("link", name="Videos").click()
    office.get_by_label("State").select_option(label="Off")
    office.locator("[name=_save]").click()
    expect(office.get_by_text("Say why: people read it where the feature was.")).to_be_visible()
    office.get_by_label("Reason").fill("We move to new computers")
    office.get_by_label("Reason").press("Enter")
    expect(office.locator(".messagelist .success")).to_be_visible()
    stranger.goto("/video/")
    expect(stranger.get_by_text("We move to new computers")).to_be_visible()

    office.get_by_role("link", name="Videos").first.click()
    office.get_by_label("State").select_option(label="As the settings have it")
    office.get_by_label("Reason").fill("We have moved")
    office.locator("[name=_save]").click()
    expect(office.locator(".messagelist .success")).to_be_visible()
    stranger.goto("/video/")
    expect(stranger.get_by_text("We move to new computers")).to_have_count(0)
    assert FeatureSwitch.objects.get(feature="video").state == ""
    search(office, "/admin/accounts/auditline/", "Videos")
    expect(office.locator("#result_list")).to_contain_text("→ We move to new computers")
    expect(office.locator("#result_list")).to_contain_text("We move to new computers → We have moved")


def test_a_model_is_turned_off_and_on(office: Page, person: User, stranger: Page) -> None:
    office.goto("/admin/generation/modelswitch/")
    search(office, "/admin/generation/modelswitch/", "starter")
    office.get_by_role("link", name="starter", exact=True).click()
    office.get_by_label("Off", exact=True).check()
    office.get_by_label("Reason").fill("Its weights are damaged")
    office.locator("[name=_save]").click()
    expect(office.locator(".messagelist .success")).to_be_visible()
    stranger.goto("/create/")
    assert "Its weights are damaged" in stranger.content()

    office.goto("/admin/generation/modelswitch/starter/change/")
    office.get_by_label("Off", exact=True).uncheck()
    office.get_by_label("Reason").fill("Its weights are whole again")
    office.locator("[name=_save]").click()
    expect(office.locator(".messagelist .success")).to_be_visible()
    stranger.goto("/create/")
    assert "Its weights" not in stranger.content()
    assert not ModelSwitch.objects.get(slug="starter").is_off
    search(office, "/admin/accounts/auditline/", "starter")
    expect(office.locator("#result_list")).to_contain_text("→ Its weights are damaged")
    expect(office.locator("#result_list")).to_contain_text("Its weights are damaged → Its weights are whole again")


# --- By keyboard alone -----------------------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on the first place that matches; fails where it never comes, or isn't seen there."""
    wanted = page.locator(selector).first
    wanted.wait_for()
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        if wanted.evaluate("(at) => at === document.activeElement"):
            assert wanted.evaluate(_IS_SEEN), f"the focus on {selector} can’t be seen"
            return
    pytest.fail(f"Tab never comes to {selector}")


def press_on(page: Page, selector: str, key: str = "Enter") -> None:
    tab_to(page, selector)
    page.keyboard.press(key)


def type_into(page: Page, selector: str, words: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(words)


def test_the_important_ways_by_keyboard_alone(office: Page, person: User) -> None:
    run = draw(person).job
    case = refused(person)
    moderation_queue.appeal(case, "It is a statue in a public museum.")

    office.goto("/admin/")
    press_on(office, ".home-spans a[href='?days=7']")
    expect(office.locator(".home-spans [aria-current]")).to_have_text("7 days")
    press_on(office, ".plot-figures summary", "Space")
    expect(office.locator(".plot-figures[open]")).to_have_count(1)

    office.goto("/admin/accounts/user/")
    type_into(office, "#searchbar", "ada@")
    office.keyboard.press("Enter")
    expect(office.locator("#result_list tbody tr")).to_have_count(1)
    tab_to(office, "select[name=action]")
    office.keyboard.type("Suspend")
    tab_to(office, "#result_list .action-select")
    office.keyboard.press("Space")
    office.locator("select[name=action]").evaluate("(at) => at.blur()")
    press_on(office, "#changelist-form .actions button")
    type_into(office, "#id_reason", "It was spam")
    press_on(office, ".submit-row input")
    expect(office.locator(".messagelist .success")).to_be_visible()
    person.refresh_from_db()
    assert not person.is_active

    office.goto(f"/admin/generation/job/{run.pk}/change/")
    press_on(office, ".run-actions a.button")
    type_into(office, "#id_reason", "It was blurred")
    office.keyboard.press("Enter")
    expect(office.get_by_text("1 credits given back to")).to_be_visible()

    office.goto("/admin/")
    press_on(office, ".home-links a[href*=moderationcase]")
    press_on(office, "#result_list tbody a")
    press_on(office, "[name=verdict]", "Space")
    type_into(office, "#id_why", "Not this one")
    press_on(office, "[name=_save]")
    expect(office.get_by_text("Decided, and the person is told.")).to_be_visible()

    office.goto("/admin/accounts/featureswitch/")
    press_on(office, "#result_list a[href*='/video/']")
    tab_to(office, "#id_state")
    office.keyboard.type("Off")
    type_into(office, "#id_reason", "We move")
    press_on(office, "[name=_save]")
    expect(office.locator(".messagelist .success")).to_be_visible()
    assert FeatureSwitch.objects.get(feature="video").state == "off"

    office.goto("/admin/accounts/auditline/")
    type_into(office, "#searchbar", "It was spam")
    office.keyboard.press("Enter")
    expect(office.locator("#result_list tbody tr").first).to_contain_text("It was spam")
