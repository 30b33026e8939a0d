"""The playground sends what its fields say and writes the same as code; the code is run here."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings

from accounts import api_keys
from accounts.models import User
from generation.models import Job
from tests.debian import find_binary
from tests.generation.api.painting import painter

PROMPT = 'a red apple, it\'s "shiny" {in|on} a box'


@pytest.fixture
def playground(studio: Page, settings: Settings, base_url: str) -> Page:
    """Return the playground with a key and fields filled in."""
    settings.SITE_URL = base_url
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.goto("/docs/playground/")
    studio.get_by_role("button", name="Make a test key and fill it in").click()
    studio.get_by_label("Prompt").fill(PROMPT)
    studio.get_by_label("Leave out").fill("blur")
    studio.get_by_label("Width").fill("128")
    studio.get_by_label("Guidance").fill("4.5")
    return studio


def settings_of(job: Job) -> tuple[object, ...]:
    return tuple(job.params[name] for name in ("prompt", "negative_prompt", "width", "guidance_scale", "num_images"))


EXPECTED = (PROMPT, "blur", 128, 4.5, 1)


def test_the_price_stands_above_the_button_and_a_test_key_costs_nothing(playground: Page, person: User) -> None:
    price = playground.locator("#playground-price")
    expect(price).to_have_text("This costs nothing: the key is a test key.")

    playground.get_by_label("Key").fill(api_keys.create(person, "Server")[1])
    expect(price).to_have_text("This costs 1 API credit.")
    playground.get_by_label("Pictures").fill("3")
    expect(price).to_have_text("This costs 3 API credits.")

    playground.get_by_label("Width").fill("97")
    expect(price).to_contain_text("No price yet: ")
    expect(price).to_contain_text("multiple of 32")
    playground.get_by_label("Key").fill("")
    expect(price).to_have_text("Type a key to see the price. A test key costs nothing.")
    assert not Job.objects.exists()


def test_it_sends_follows_and_shows_the_picture(playground: Page, tmp_path: Path) -> None:
    with painter(tmp_path):
        playground.get_by_role("button", name="Send").click()
        expect(playground.locator("#playground-answer")).to_contain_text('"FINISHED"', timeout=60_000)

    expect(playground.locator("#playground-pictures img")).to_have_js_property("naturalWidth", 32)
    assert settings_of(Job.objects.get()) == EXPECTED


def test_a_refusal_is_shown_as_it_came(playground: Page) -> None:
    playground.get_by_label("Width").fill("97")
    playground.get_by_role("button", name="Send").click()

    expect(playground.locator("#playground-answer")).to_contain_text("400")
    expect(playground.locator("#playground-answer")).to_contain_text("multiple of 32")
    expect(playground.get_by_role("button", name="Send")).to_be_enabled()


def test_a_press_after_a_lost_answer_is_the_same_run(playground: Page) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    playground.route("**/v1/diffusions", lose, times=1)
    playground.get_by_role("button", name="Send").click()
    expect(playground.locator("#playground-answer")).to_contain_text("could not be reached")
    playground.get_by_role("button", name="Send").click()
    expect(playground.locator("#playground-answer")).to_contain_text('"NEW"')

    assert Job.objects.count() == 1


def test_a_press_after_too_many_questions_is_the_same_run(playground: Page) -> None:
    asked = re.compile(r"/v1/diffusions/[0-9a-f-]+$")
    playground.route(asked, lambda route: route.fulfill(status=429, json={"error": {"message": "Slower."}}), times=1)
    playground.get_by_role("button", name="Send").click()
    expect(playground.locator("#playground-answer")).to_contain_text("429")
    playground.get_by_role("button", name="Send").click()
    expect(playground.locator("#playground-answer")).to_contain_text('"NEW"')

    assert Job.objects.count() == 1


def test_a_price_that_was_lost_is_asked_for_again(playground: Page) -> None:
    price = playground.locator("#playground-price")
    expect(price).to_have_text("This costs nothing: the key is a test key.")
    playground.route("**/v1/diffusions/quote", lambda route: route.abort(), times=1)
    playground.get_by_label("Pictures").fill("2")
    expect(price).to_contain_text("could not be reached")

    playground.get_by_label("Prompt").press_sequentially("!")

    expect(price).to_have_text("This costs nothing: the key is a test key.")


@pytest.mark.parametrize("name", ["cURL", "JavaScript", "Python"])
def test_what_is_copied_as_code_sends_the_same(playground: Page, tmp_path: Path, name: str) -> None:
    playground.get_by_role("button", name=f"Copy as {name}").click()
    expect(playground.locator("#toasts")).to_contain_text(f"Copied: {name}")
    code = playground.evaluate("navigator.clipboard.readText()")
    script = tmp_path / "copied.mjs"
    script.write_text(code)
    programs = {
        "cURL": ["bash", "-eu"],
        "JavaScript": [find_binary("node", package="nodejs")],
        "Python": [sys.executable],
    }

    done = subprocess.run([*programs[name], str(script)], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, code + done.stderr
    job = Job.objects.get()
    assert str(job.pk) in done.stdout
    assert settings_of(job) == EXPECTED
