"""The prompt box, as a person with a keyboard meets it."""

from playwright.sync_api import Page, expect

from accounts.models import User
from generation import lifecycle
from generation.models import Image
from tests.generation.runs import claim, pictures, submit


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


def test_a_style_is_written_into_the_prompt_and_taken_off_again(studio: Page) -> None:
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.fill("a fox")
    studio.get_by_role("button", name="Styles").click()
    studio.get_by_role("button", name="Watercolour").click()

    expect(prompt).to_have_value("watercolour of a fox, loose washes on rough paper, soft edges")
    expect(prompt).to_be_focused()
    expect(studio.locator("#negative_prompt")).to_be_visible()
    expect(studio.locator("#negative_prompt")).to_have_value("photograph, hard outlines, text")

    studio.get_by_role("button", name="Styles").press("Enter")
    studio.get_by_role("button", name="Take it off").press("Enter")
    expect(prompt).to_have_value("a fox")
    expect(studio.locator("#negative_prompt")).to_have_value("")
    prompt.press("Alt+ArrowUp")
    expect(prompt).to_have_value("watercolour of a fox, loose washes on rough paper, soft edges")


def test_a_preset_is_saved_and_brings_text_and_settings_back(studio: Page, person: User) -> None:
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.fill("{prompt} at night")
    studio.get_by_role("radio", name="7", exact=True).check()
    studio.get_by_role("radio", name="16:9").check()
    studio.get_by_role("button", name="Styles").click()
    studio.get_by_label("Save as preset").fill("Night")
    studio.keyboard.press("Enter")
    expect(studio.get_by_role("status").filter(has_text="Saved as Night.")).to_be_visible()
    assert person.jobs.count() == 0

    studio.reload()
    prompt.fill("an owl")
    studio.get_by_role("radio", name="2", exact=True).check()
    studio.get_by_role("radio", name="1:1").check()
    studio.get_by_role("button", name="Styles").click()
    studio.get_by_role("button", name="Night").click()

    expect(prompt).to_have_value("an owl at night")
    expect(studio.get_by_role("radio", name="7", exact=True)).to_be_checked()
    expect(studio.get_by_role("radio", name="16:9")).to_be_checked()
    expect(studio.locator("#generate")).to_contain_text("7 credits")


def test_alternatives_are_drawn_another_for_each_picture(studio: Page, person: User) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a {red|green|blue|pink} fox {1|2|3|4}")
    studio.locator("#generate").click()
    expect(studio.locator(".run")).to_have_count(1)
    claimed = claim().jobs[0]
    lifecycle.finish(claimed, claimed.attempt, pictures(claimed, 0, 1, 2, 3))

    studio.goto("/library/")
    studio.locator(".tile-link").first.click()

    image = Image.objects.order_by("-id")[0]
    expect(studio.locator(".panel-prompt").first).to_have_text(image.prompt)
    assert len(set(Image.objects.values_list("words__0", flat=True))) > 1
    studio.get_by_text("Chosen from a template").click()
    studio.get_by_role("link", name="Use the template").click()
    expect(studio.locator("#prompt")).to_have_value("a {red|green|blue|pink} fox {1|2|3|4}")


def test_a_template_that_cannot_be_used_says_so_at_the_prompt(studio: Page, person: User) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a {red|green fox")
    studio.locator("#generate").click()

    expect(studio.locator("#prompt-error")).to_contain_text("The “{” at character 3 is not closed")
    expect(studio.locator("#prompt")).to_be_focused()
    assert person.jobs.count() == 0
