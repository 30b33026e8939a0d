"""Create, as a person with a mouse and a keyboard meets it."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from generation import lifecycle
from generation.models import ModelAlias
from generation.progress import Reporter
from tests.browser.windows import sign_in
from tests.generation.runs import balance, claim, finished, make_person, pictures


def generate(page: Page, prompt: str = "a red fox") -> None:
    page.locator("#prompt").fill(prompt)
    page.locator("#generate").click()


def test_the_price_follows_every_change_without_a_page_load(studio: Page) -> None:
    studio.goto("/create/")
    studio.evaluate("window.isTheSamePage = true")

    studio.get_by_role("radio", name="7", exact=True).check()
    expect(studio.locator("#generate")).to_have_text(re.compile("Generate · 7 credits"))
    studio.get_by_text("Advanced").click()
    studio.get_by_role("spinbutton", name="Steps").fill("50")
    expect(studio.locator("#generate")).to_have_text(re.compile("Generate · 14 credits"))
    expect(studio.locator("#price")).to_contain_text("2 credits a picture: steps 2 ×")
    studio.get_by_role("spinbutton", name="Steps").fill("1000")
    expect(studio.locator("#price")).to_contain_text("Mend the marked setting")

    assert studio.evaluate("window.isTheSamePage")


def test_a_page_out_of_the_browsers_cache_has_keys_of_its_own(studio: Page) -> None:
    answer = studio.goto("/create/")
    assert answer is not None

    expect(studio.locator("#form-key")).to_have_value(re.compile(r"^[0-9a-f]{32}$"))
    key = studio.locator("#form-key").input_value()
    assert key not in answer.text()
    studio.reload()
    expect(studio.locator("#form-key")).not_to_have_value(key)


def test_who_comes_back_to_create_presses_with_the_key_of_before(
    studio: Page,
) -> None:
    studio.goto("/create/")
    key = studio.locator("#form-key").input_value()
    studio.goto("/faq/")

    studio.go_back()

    expect(studio.locator("#form-key")).to_have_value(key)


def test_no_address_ever_holds_the_prompt(studio: Page) -> None:
    addresses: list[str] = []
    studio.on("request", lambda request: addresses.append(request.url))
    studio.goto("/create/")
    studio.locator("#prompt").fill("a secret fox")

    studio.get_by_role("radio", name="7", exact=True).check()
    expect(studio.locator("#generate")).to_have_text(re.compile("7 credits"))

    assert any("/create/price/" in address for address in addresses)
    assert not any("secret" in address for address in addresses)


@pytest.mark.usefixtures("size")
def test_a_run_is_followed_from_its_place_in_line_to_its_receipt(studio: Page, person: User) -> None:
    studio.goto("/create/")
    generate(studio)
    run = studio.locator(".run")
    expect(run).to_contain_text("Next in line")
    expect(run.locator(".tile")).to_have_count(4)
    expect(studio.locator("#balance")).to_contain_text("96")
    expect(studio.locator("#prompt")).to_have_value("a red fox")

    job = claim().jobs[0]
    Reporter(job.pk, images=4).step(12, of=25, images=4)
    expect(run).to_contain_text("12 of 25 steps")
    lifecycle.deliver(job, job.attempt, pictures(job, 0, 1))
    expect(run.locator(".tile-link")).to_have_count(2)
    expect(run.get_by_role("status")).to_have_text("2 of 4 ready")
    lifecycle.finish(job, job.attempt, pictures(job, 2, 3))
    expect(run).to_contain_text("4 credits charged")

    asked: list[str] = []
    studio.on("request", lambda request: asked.append(request.url))
    studio.wait_for_timeout(2500)
    assert not [address for address in asked if "/create/runs/" in address]
    assert balance(person) == 96


def test_two_presses_at_once_make_one_run(studio: Page, person: User) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a red fox")

    studio.locator("#generate").dblclick()

    expect(studio.locator(".run")).to_have_count(1)
    expect(studio.locator("#generate")).to_be_enabled()
    assert person.jobs.count() == 1


def test_the_next_press_is_another_run_and_stands_on_top(studio: Page, person: User) -> None:
    studio.goto("/create/")
    generate(studio)
    expect(studio.locator(".run")).to_have_count(1)

    studio.locator("#prompt").press("Control+Enter")

    expect(studio.locator(".run")).to_have_count(2)
    newest = person.jobs.latest("id")
    assert studio.locator(".run").first.get_attribute("id") == f"run-{newest.pk}"


def test_what_is_typed_while_a_run_is_sent_stays(studio: Page) -> None:
    studio.goto("/create/")
    prompt = studio.locator("#prompt")
    prompt.fill("a red fox")
    prompt.press("Control+Enter")
    prompt.press_sequentially(" in snow")

    expect(studio.locator(".run")).to_have_count(1)
    expect(prompt).to_have_value("a red fox in snow")


def test_a_run_leaves_the_form_as_it_is_and_the_focus_where_it_was(studio: Page) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a red fox")
    studio.get_by_text("Advanced").click()
    steps, key = studio.get_by_role("spinbutton", name="Steps"), studio.locator("#form-key")
    steps.fill("30")
    before = key.input_value()

    steps.press("Control+Enter")

    expect(studio.locator(".run")).to_have_count(1)
    expect(key).not_to_have_value(before)
    expect(key).to_have_count(1)
    expect(steps).to_be_focused()
    expect(steps).to_have_value("30")
    expect(studio.locator("#prompt")).to_have_value("a red fox")


def test_settings_that_are_changed_while_a_run_is_sent_stay_and_so_does_their_price(studio: Page, person: User) -> None:
    held: list[Route] = []
    studio.goto("/create/")
    studio.route("**/create/runs/", lambda route: held.append(route))
    generate(studio)

    studio.get_by_role("radio", name="7", exact=True).check()
    expect(studio.locator("#price")).to_contain_text("7 credits")
    held[0].continue_()

    expect(studio.locator(".run .tile")).to_have_count(4)
    expect(studio.locator("#generate")).to_have_text(re.compile("Generate · 7 credits"))
    expect(studio.locator("#price")).to_contain_text("89 left after")
    expect(studio.get_by_role("radio", name="7", exact=True)).to_be_checked()


def test_a_run_is_canceled_where_it_stands(studio: Page, person: User) -> None:
    studio.goto("/create/")
    generate(studio)

    studio.get_by_role("button", name="Cancel").click()

    expect(studio.locator(".run")).to_contain_text("Canceled. 4 credits are back.")
    expect(studio.locator("#balance")).to_contain_text("100")
    assert balance(person) == 100


def test_an_error_stands_beside_its_field_and_has_the_focus(studio: Page) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a red fox")
    studio.get_by_text("Advanced").click()
    studio.get_by_role("spinbutton", name="Steps").fill("1000")

    studio.locator("#generate").click()

    steps = studio.get_by_role("spinbutton", name="Steps")
    expect(steps).to_be_focused()
    expect(steps).to_have_value("1000")
    expect(studio.locator("#steps-error")).to_contain_text("1000 is outside the bounds: steps go from 1 to 100.")
    expect(studio.locator("#prompt")).to_have_value("a red fox")


def test_a_mended_error_goes_away_with_the_next_run(studio: Page) -> None:
    studio.goto("/create/")
    studio.locator("#generate").click()
    expect(studio.locator("#prompt-error")).to_be_visible()

    generate(studio)

    expect(studio.locator(".run")).to_have_count(1)
    expect(studio.locator("#prompt-error")).to_have_count(0)


def test_the_prompt_survives_a_reload(studio: Page) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a fox that I had nearly finished")

    studio.reload()

    expect(studio.locator("#prompt")).to_have_value("a fox that I had nearly finished")


def test_another_person_at_the_same_computer_sees_no_draft(studio: Page, base_url: str) -> None:
    studio.goto("/create/")
    studio.locator("#prompt").fill("a private fox")

    sign_in(studio.context, make_person("bob@example.com"), base_url)
    studio.goto("/create/")

    expect(studio.locator("#prompt")).to_have_value("")


def test_another_model_changes_its_settings_in_place(studio: Page) -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})
    studio.goto("/create/")
    studio.locator("#prompt").fill("a red fox")
    studio.locator("#model-picker summary").click()

    studio.get_by_role("radio", name="midjourney").check()

    expect(studio.locator("#model-name")).to_contain_text("Served by Starter")
    expect(studio.locator("#model-picker")).not_to_have_attribute("open", "")
    expect(studio.locator("#prompt")).to_have_value("a red fox")


def test_the_arrows_wander_through_the_open_list_of_models(studio: Page) -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})
    studio.goto("/create/")
    studio.locator("#model-picker summary").click()
    alias = studio.get_by_role("radio", name="midjourney")
    studio.locator("#model-picker input:checked").focus()

    while not alias.is_checked():
        studio.keyboard.press("ArrowDown")

    expect(studio.locator("#model-name")).to_contain_text("Served by Starter")
    expect(studio.locator("#model-picker[open]")).to_have_count(1)
    expect(alias).to_be_focused()


def test_a_model_that_is_not_here_cannot_be_chosen(studio: Page) -> None:
    studio.goto("/create/")
    studio.locator("#model-picker summary").click()

    expect(studio.locator("input[name=model][value=flux-1-schnell]")).to_be_disabled()


def test_a_suggestion_fills_the_prompt_in_place(studio: Page) -> None:
    studio.goto("/create/")
    suggestion = studio.locator("[data-fills-prompt]").first
    words = suggestion.get_attribute("data-fills-prompt") or ""

    suggestion.click()

    expect(studio.locator("#prompt")).to_have_value(words)
    expect(studio.locator("#prompt")).to_be_focused()


def test_a_pictures_seed_comes_to_the_prompt_being_written(studio: Page, person: User) -> None:
    finished(person, seed=4711, num_images=1)
    studio.goto("/create/")
    studio.locator("#prompt").fill("an owl")

    studio.get_by_role("link", name="Seed 4711").click()

    expect(studio.locator("#seed")).to_have_value("4711")
    expect(studio.locator("#prompt")).to_have_value("an owl")


def test_a_runs_settings_come_in_place(studio: Page, person: User) -> None:
    finished(person, prompt="a special fox", num_images=2, size="160x96")
    studio.goto("/create/")
    studio.get_by_role("radio", name="9", exact=True).check()
    studio.evaluate("window.isTheSamePage = true")

    studio.get_by_role("link", name="Use settings").click()

    expect(studio.locator("#prompt")).to_have_value("a special fox")
    expect(studio.get_by_role("radio", name="2", exact=True)).to_be_checked()
    assert studio.evaluate("window.isTheSamePage")


def test_what_was_left_out_before_does_not_come_back_after_a_runs_settings(studio: Page, person: User) -> None:
    finished(person, prompt="a special fox", num_images=1)
    studio.goto("/create/")
    studio.get_by_text("Advanced").click()
    studio.locator("#negative_prompt").fill("blur")

    studio.get_by_role("link", name="Use settings").click()
    expect(studio.locator("#negative_prompt")).to_have_value("")
    expect(studio.locator("#prompt")).to_be_focused()
    studio.reload()

    expect(studio.locator("#prompt")).to_have_value("a special fox")
    expect(studio.locator("#negative_prompt")).to_have_value("")


def test_vary_makes_a_run_each_time_it_is_pressed(studio: Page, person: User) -> None:
    finished(person, num_images=1)
    studio.goto("/create/")
    actions = studio.locator(".run").last.get_by_role("button", name="Vary")

    actions.click()
    expect(studio.locator(".run")).to_have_count(2)
    actions.click()
    expect(studio.locator(".run")).to_have_count(3)

    assert person.jobs.count() == 3


def test_too_few_credits_offer_what_can_be_paid(studio: Page, base_url: str) -> None:
    poor = make_person("poor@example.com", credits=3)
    sign_in(studio.context, poor, base_url)
    studio.goto("/create/")
    studio.locator("#prompt").fill("a red fox")
    expect(studio.locator("#generate")).to_be_disabled()
    expect(studio.locator("#generate")).to_have_text("1 credit missing")
    studio.get_by_text("Advanced").click()
    studio.locator("#seed").fill("4711")
    studio.locator("#seed").press("Enter")  # what one did not press is not bought
    expect(studio.locator(".run")).to_have_count(0)
    studio.get_by_role("button", name="Generate 3 pictures instead · 3 credits").click()

    expect(studio.locator(".run .tile")).to_have_count(3)
    expect(studio.get_by_role("radio", name="3", exact=True)).to_be_checked()
    assert (balance(poor), poor.jobs.get().params["seed"]) == (0, 4711)


def test_a_lost_connection_is_said_and_heals_by_itself(studio: Page) -> None:
    studio.goto("/create/")
    generate(studio)
    expect(studio.locator(".run")).to_have_count(1)

    studio.context.set_offline(True)
    expect(studio.locator("#connection")).to_be_visible()
    studio.context.set_offline(False)
    expect(studio.locator("#connection")).to_be_hidden()

    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0, 1, 2, 3))
    expect(studio.locator(".run")).to_contain_text("4 credits charged")


def test_a_press_without_a_connection_loses_nothing_and_works_later(studio: Page, person: User) -> None:
    studio.goto("/create/")
    studio.context.set_offline(True)
    generate(studio)
    expect(studio.locator("#toasts")).to_contain_text("Not sent")
    expect(studio.locator("#prompt")).to_have_value("a red fox")

    studio.context.set_offline(False)
    studio.locator("#generate").click()

    expect(studio.locator(".run")).to_have_count(1)
    assert person.jobs.count() == 1


def test_a_press_that_is_never_answered_says_so(studio: Page) -> None:
    studio.goto("/create/")
    studio.evaluate("htmx.config.timeout = 500")
    studio.route("**/create/runs/", lambda route: None)

    generate(studio)

    expect(studio.locator("#toasts")).to_contain_text("No answer came.")


def test_a_session_that_ended_leads_to_the_login_as_a_whole_page(studio: Page) -> None:
    studio.goto("/create/")
    generate(studio)
    expect(studio.locator(".run")).to_have_count(1)

    studio.context.clear_cookies()

    expect(studio).to_have_url(re.compile(r"/accounts/login/\?next="))
