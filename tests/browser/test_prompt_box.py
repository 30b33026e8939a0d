"""The prompt box, as a person with a keyboard meets it."""

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.generation.runs import submit


def test_back_and_forward_walk_the_prompts_and_lose_nothing(studio: Page, person: User) -> None:
    for asked in ("a hare", "an owl", "a hare", "a fox"):
        submit(person, prompt=asked, num_images=1)
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.press_sequentially("a castle that I")

    for wanted in ("a fox", "a hare", "an owl", "an owl"):
        prompt.press("Alt+ArrowUp")
        expect(prompt).to_have_value(wanted)
    expect(studio.get_by_role("button", name="Earlier prompt")).to_have_attribute("aria-disabled", "true")
    prompt.press_sequentially(" at night")
    for wanted in ("a hare", "a fox", "a castle that I"):
        studio.get_by_role("button", name="Later prompt").click()
        expect(prompt).to_have_value(wanted)
    for wanted in ("a fox", "a hare", "an owl at night"):
        studio.get_by_role("button", name="Earlier prompt").click()
        expect(prompt).to_have_value(wanted)


def test_what_was_typed_is_there_after_a_reload_from_an_older_prompt(studio: Page, person: User) -> None:
    submit(person, prompt="a fox", num_images=1)
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.press_sequentially("a castle")
    prompt.press("Alt+ArrowUp")
    expect(prompt).to_have_value("a fox")

    studio.reload()

    expect(prompt).to_have_value("a fox")
    prompt.press("Alt+ArrowUp")
    expect(prompt).to_have_value("a castle")


def test_what_a_suggestion_replaced_is_one_step_back(studio: Page) -> None:
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.press_sequentially("my own words")
    studio.locator("[data-fills-prompt]").first.click()

    prompt.press("Alt+ArrowUp")

    expect(prompt).to_have_value("my own words")


def test_what_was_sent_is_the_newest_of_the_history(studio: Page) -> None:
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.fill("a red fox")
    prompt.press("Control+Enter")
    expect(studio.locator(".run")).to_have_count(1)
    prompt.fill("an owl")

    prompt.press("Alt+ArrowUp")

    expect(prompt).to_have_value("a red fox")
