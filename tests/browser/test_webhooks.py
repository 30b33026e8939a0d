import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.models import User
from generation import webhooks
from generation.api import courier
from generation.models import WebhookDelivery, WebhookEndpoint
from tests.generation.api.told import make_endpoint
from tests.generation.receivers import receiver

LONG_URL = "https://hooks.example.com/" + "Donaudampfschifffahrtsgesellschaft" * 5


def test_a_webhook_is_added_tried_and_read_without_a_reload(studio: Page, settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiver() as box:
        studio.goto("/settings/webhooks/")
        studio.get_by_label("Address").fill(box.url)
        studio.get_by_label("Canceled").uncheck()
        studio.get_by_role("button", name="Add webhook").click()

        endpoint = WebhookEndpoint.objects.get()
        expect(studio.locator(".secret code")).to_have_text(endpoint.secret)
        studio.get_by_role("button", name="Copy").click()
        expect(studio.locator("#toasts")).to_contain_text("Copied: the secret")

        studio.get_by_role("button", name="Send a test").click()
        expect(studio.locator(".secret")).to_have_count(0)
        expect(studio.locator(".log-line")).to_contain_text("on its way")
        courier.run()
        expect(studio.locator(".log-line")).to_contain_text("200 in", timeout=10_000)

        studio.locator(".log-line").click()
        expect(studio.get_by_label("What was sent")).to_contain_text("webhook.test")
        expect(studio.get_by_label("The answer")).to_have_text("thanks")
        studio.get_by_role("button", name="Send again").click()
        expect(studio.locator("h1 + .state")).to_have_text("Waiting")

    assert endpoint.events == ["diffusion.finished", "diffusion.failed"]
    assert WebhookDelivery.objects.count() == 1


def test_a_mistake_is_shown_beside_its_field_and_has_the_focus(studio: Page) -> None:
    studio.goto("/settings/webhooks/")
    studio.get_by_label("Address").fill("https://localhost/hook")
    studio.get_by_role("button", name="Add webhook").click()

    expect(studio.locator("#url-error")).to_contain_text("local name")
    expect(studio.get_by_label("Address")).to_be_focused()
    expect(studio.get_by_label("Address")).to_have_value("https://localhost/hook")


def test_a_webhook_is_deleted_only_after_a_second_press(studio: Page, person: User) -> None:
    endpoint = make_endpoint(person)
    studio.goto(f"/settings/webhooks/{endpoint.pk}/")

    studio.locator("summary", has_text="Delete").click()
    assert WebhookEndpoint.objects.exists()
    studio.get_by_role("button", name="Delete it for good").click()

    expect(studio.get_by_role("heading", name="Add your first")).to_be_visible()
    assert not WebhookEndpoint.objects.exists()


def test_older_messages_stay_while_newer_ones_come(studio: Page, person: User) -> None:
    endpoint = make_endpoint(person)
    for _ in range(27):
        webhooks.send_test(endpoint)
    studio.goto(f"/settings/webhooks/{endpoint.pk}/")
    expect(studio.locator(".log-line")).to_have_count(25)

    studio.get_by_role("link", name="Older").click()
    expect(studio.locator(".log-line")).to_have_count(27)
    webhooks.send_test(endpoint)

    expect(studio.locator(".log-line")).to_have_count(28)
    lines = studio.locator(".log-line").evaluate_all("lines => lines.map(line => line.pathname)")
    assert len(set(lines)) == 28
    expect(studio.get_by_role("link", name="Older")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1440])
def test_long_words_make_no_page_wider_than_its_window(studio: Page, person: User, width: int) -> None:
    endpoint = make_endpoint(person, LONG_URL, description="Rindfleischetikettierungsüberwachung")
    delivery = webhooks.send_test(endpoint)
    WebhookDelivery.objects.update(payload='{"data":"' + "x" * 500 + '"}')
    studio.set_viewport_size({"width": width, "height": 844})
    page = f"/settings/webhooks/{endpoint.pk}/"

    for path in ("/settings/webhooks/", page, f"{page}deliveries/{delivery.pk}/"):
        studio.goto(path)
        assert studio.evaluate("document.documentElement.scrollWidth") <= width, path
        # The form's boxes hold their words: none stands on the next one.
        assert not [
            choice.inner_text()
            for choice in studio.locator(".choice").all()
            if choice.evaluate("box => box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth")
        ], path
