"""Told by the page: a notice and a sound when a run ends, to those who want them; permission is asked on a click."""

import time

import pytest
from playwright.sync_api import Page, expect

from accounts import notifications
from accounts.models import Channel, Happening, User
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
    until = time.monotonic() + PATIENCE_SECONDS
    # Asked again and again: to wait in the page is to evaluate text there, which its policy refuses.
    while not (told := studio.evaluate("window.told")) and time.monotonic() < until:
        studio.wait_for_timeout(50)
    assert told == ([["Your run is done", "a red fox"]] if channel == Channel.BROWSER else [["tone"], ["tone"]])


def test_whoever_does_not_is_left_alone(studio: Page, person: User) -> None:
    notifications.choose(person, {(Happening.RUN_FAILED, Channel.BROWSER), (Happening.RUN_FAILED, Channel.SOUND)})
    watch_run(studio, person)

    with studio.expect_response("**/settings/notifications/choices/"):
        finish()

    expect(studio.locator('[data-face="done"]')).to_be_visible()
    assert studio.evaluate("window.told") == []


def test_the_browser_is_asked_when_a_box_is_ticked_and_not_before(studio: Page) -> None:
    studio.add_init_script(_RECORDER % "default")
    studio.goto("/settings/notifications/")
    assert studio.evaluate("window.asked") == 0

    studio.get_by_label("A run is done: Browser").check()

    expect(studio.get_by_text("Notices are allowed in this browser.")).to_be_visible()
    assert studio.evaluate("window.asked") == 1
