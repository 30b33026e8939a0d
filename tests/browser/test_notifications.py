"""Told by the page: a notice and a sound when a run ends, to those who want them; permission is asked on a click."""

import time

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import notifications
from accounts.models import Channel, Happening, User
from billing import ledger
from billing.models import CreditLot, LowCredits
from generation import lifecycle
from tests.generation.runs import claim, pictures, submit

PATIENCE_SECONDS = 60
# Stands in for what only a system can show and play: it writes down what it was asked.
_RECORDER = """
window.told = [];
window.asked = 0;
class Recorder {
  static permission = "%s";
  static async requestPermission() { window.asked += 1; Recorder.permission = "granted"; return "granted"; }
  constructor(title, options) { window.told.push([title, options.body]); }
  addEventListener() {}
}
window.Notification = Recorder;
document.hasFocus = () => false;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.told.push(["tone"]); return start.apply(this, at); };
"""


def watch_run(page: Page, person: User, permission: str = "granted") -> None:
    page.add_init_script(_RECORDER % permission)
    job = submit(person, prompt="a red fox")
    page.goto(f"/create/runs/{job.pk}/")
    page.locator("h1").first.click(force=True)  # browsers play nothing before a first click
    expect(page.locator('[data-face="waiting"]')).to_be_visible()


def finish() -> None:
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))


@pytest.mark.parametrize("channel", [Channel.BROWSER, Channel.SOUND])
def test_who_wants_it_is_told_that_a_run_is_done(studio: Page, person: User, channel: Channel) -> None:
    notifications.choose(person, {(Happening.RUN_DONE, channel)})
    watch_run(studio, person)

    finish()

    expect(studio.locator('[data-face="done"]')).to_be_visible()
    assert heard(studio) == (
        [["Your run is done", "a red fox"]] if channel == Channel.BROWSER else [["tone"], ["tone"]]
    )


def test_without_a_connection_the_page_tells_alone(studio: Page, person: User) -> None:
    studio.route("**/settings/notifications/choices/", lambda route: route.abort())
    watch_run(studio, person)

    with studio.expect_event("requestfailed"):
        finish()

    expect(studio.locator('[data-face="done"]')).to_be_visible()
    assert studio.evaluate("window.told") == []


def heard(page: Page) -> list[list[str]]:
    """Return what was told. To wait in the page is to evaluate text, which its policy refuses."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (told := page.evaluate("window.told")) and time.monotonic() < until:
        page.wait_for_timeout(50)
    return list(told)


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize(
    ("happening", "kind", "end", "title"),
    [
        (Happening.RUN_FAILED, "run", "failed", "Your run failed"),
        (Happening.TRAINING_DONE, "training", "done", "Your training is done"),
        (Happening.TRAINING_FAILED, "training", "failed", "Your training failed"),
    ],
)
def test_each_end_is_told_by_its_own_choice(
    studio: Page, person: User, happening: Happening, kind: str, end: str, title: str
) -> None:
    """The page's parts change as htmx changes them; that the server's do, their own tests say."""
    notifications.choose(person, {(happening, Channel.BROWSER)})
    studio.add_init_script(_RECORDER % "granted")
    studio.goto("/settings/notifications/")
    part = f"<article id='part' data-kind='{kind}' data-face='working'><h2>a red fox</h2></article>"
    settle = "document.dispatchEvent(new CustomEvent('htmx:afterSettle'))"
    studio.evaluate(f"document.querySelector('main').insertAdjacentHTML('beforeend', `{part}`); {settle}")

    studio.evaluate(f"document.getElementById('part').dataset.face = '{end}'; {settle}")

    assert heard(studio) == [[title, "a red fox"]]


@pytest.mark.parametrize("happening", [Happening.LOW_CREDITS, Happening.NEXT_GRANT])
def test_credits_are_told_once_by_whatever_page_is_open(studio: Page, person: User, happening: Happening) -> None:
    notifications.choose(person, {(happening, Channel.BROWSER)})
    wallet = ledger.wallet_of(person)
    LowCredits.objects.create(wallet=wallet)
    source, today = CreditLot.Source.MONTHLY, timezone.now().date()
    ledger.grant(wallet, 100, source=source, cycle_on=today, key="month", reason="For a test")
    title = {Happening.LOW_CREDITS: "200 credits are left", Happening.NEXT_GRANT: "The month’s credits have come"}
    studio.add_init_script(_RECORDER % "granted")
    studio.goto("/settings/notifications/")

    assert [told[0] for told in heard(studio)] == [title[happening]]
    with studio.expect_response("**/settings/billing/news/"):
        studio.reload()
    studio.wait_for_timeout(200)
    assert studio.evaluate("window.told") == []


def test_who_wants_the_sound_alone_hears_of_credits_without_permission(studio: Page, person: User) -> None:
    """A browser keeps a page silent until a first click or key: what is to be heard waits for it."""
    notifications.choose(person, {(Happening.LOW_CREDITS, Channel.SOUND)})
    LowCredits.objects.create(wallet=ledger.wallet_of(person))
    studio.add_init_script(_RECORDER % "default")
    with studio.expect_response("**/settings/billing/news/"):
        studio.goto("/settings/profile/")

    studio.locator("h1").first.click(force=True)

    assert heard(studio) == [["tone"], ["tone"]]
    with studio.expect_response("**/settings/billing/news/"):
        studio.reload()
    studio.locator("h1").first.click(force=True)
    studio.wait_for_timeout(200)
    assert studio.evaluate("window.told") == []


def test_who_wants_no_word_of_credits_is_asked_about_once_an_hour(studio: Page, person: User) -> None:
    studio.clock.install()
    studio.add_init_script(_RECORDER % "granted")
    asked: list[str] = []
    studio.on("request", lambda request: asked.append(request.url) if "/news/" in request.url else None)
    with studio.expect_response("**/settings/billing/news/"):
        studio.goto("/settings/notifications/")
        studio.clock.run_for(3_000)

    studio.clock.run_for(50 * 60_000)
    assert len(asked) == 1
    with studio.expect_response("**/settings/billing/news/"):
        studio.clock.run_for(15 * 60_000)

    studio.get_by_label("Credits run low: Sound").check()
    studio.get_by_role("button", name="Save").click()
    with studio.expect_response("**/settings/billing/news/"):
        studio.clock.run_for(3_000)


def test_whoever_does_not_is_left_alone(studio: Page, person: User) -> None:
    notifications.choose(person, {(Happening.RUN_FAILED, Channel.BROWSER), (Happening.RUN_FAILED, Channel.SOUND)})
    watch_run(studio, person)

    with studio.expect_response("**/settings/notifications/choices/"):
        finish()

    expect(studio.locator('[data-face="done"]')).to_be_visible()
    assert studio.evaluate("window.told") == []


@pytest.mark.usefixtures("size")
def test_the_browser_is_asked_when_a_box_is_ticked_and_not_before(studio: Page) -> None:
    studio.add_init_script(_RECORDER % "default")
    studio.goto("/settings/notifications/")
    assert studio.evaluate("window.asked") == 0

    studio.get_by_label("A run is done: Browser").check()

    expect(studio.get_by_text("Notices are allowed in this browser.")).to_be_visible()
    assert studio.evaluate("window.asked") == 1
