"""What the content policy refuses, from the refusal to the answer: a prompt at the door, a picture once it is drawn."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from generation.models import Image
from tests.browser.office import make_operator
from tests.browser.sizes import SIZES, fits, goto, toast
from tests.browser.windows import sign_in
from tests.generation.runs import balance
from tests.generation.test_moderation_queue import PROMPT
from tests.rules.tree import ROOT

# Stands for NudeNet, which not everybody has: it sees the same in every picture, in the shape of the real one.
_SEES_NAKEDNESS = """class NudeDetector:
    def detect(self, picture):
        return [{"class": "FEMALE_BREAST_EXPOSED", "score": 0.83, "box": [0, 0, *picture.shape[:2]]}]
"""


@pytest.fixture
def suspicious_cluster(child_environment: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """Run the gpu cluster with an engine that draws flat colours and a classifier that sees nakedness in them."""
    (tmp_path / "nudenet.py").write_text(_SEES_NAKEDNESS)
    environment = {**child_environment, "ENGINE_BACKEND": "noop", "MODERATION_IMAGES": "nudenet"}
    environment["PYTHONPATH"] = str(tmp_path)
    process = subprocess.Popen([sys.executable, "manage.py", "supervise", "gpu"], cwd=ROOT, env=environment)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.fixture
def office(browser: Browser, base_url: str, person: User) -> Iterator[Page]:
    """Yield an operator's page, at a desk."""
    context = browser.new_context(**SIZES["desk"], base_url=base_url)
    sign_in(context, make_operator(), base_url)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    context.close()


def order(studio: Page, prompt: str) -> None:
    goto(studio, "/create/")
    studio.locator("#prompt").fill(prompt)
    studio.locator("input[type=radio][name=num_images][value='1']").check(force=True)
    studio.locator("#generate").click()


def appeal(studio: Page, words: str) -> None:
    """Send the appeal of the refusal that the page shows."""
    studio.get_by_label("Say why this should be allowed").fill(words)
    fits(studio)
    studio.get_by_role("button", name="Send the appeal").click()
    toast(studio, "Somebody looks at it and writes to you.")


def allow(office: Page, reason: str) -> None:
    """Answer the one thing that waits: it is allowed."""
    office.goto("/admin/")
    office.get_by_role("link", name="Moderation: what waits for a decision").click()
    office.locator("#result_list tbody tr th a, #result_list tbody tr td a").first.click()
    office.get_by_label("Allowed", exact=True).check()
    office.get_by_label("Reason").fill(reason)
    office.locator("[name=_save]").click()
    expect(office.get_by_text("Decided, and the person is told.")).to_be_visible()


def test_a_prompt_is_refused_uncharged_appealed_and_allowed(
    studio: Page, office: Page, person: User, flat_cluster: None
) -> None:
    order(studio, PROMPT)
    refusal = studio.locator(".field-error").filter(has_text="Why, and how to appeal")
    expect(refusal).to_be_visible()
    expect(studio.locator("#prompt")).to_have_value(PROMPT)
    fits(studio)
    assert balance(person) == 100

    refusal.get_by_role("link").click()
    expect(studio.get_by_text("Nothing was charged.")).to_be_visible()
    appeal(studio, "It is a statue in a public museum.")
    allow(office, "A statue in a museum is art.")
    studio.reload()

    expect(studio.get_by_text("A statue in a museum is art.")).to_be_visible()
    studio.get_by_role("link", name="Draw it now").click()
    studio.locator("#generate").click()
    expect(studio.locator("#runs .tile-link").first).to_be_visible(timeout=120_000)
    assert Image.objects.visible_to(person).exists()


def test_a_picture_is_held_back_uncharged_appealed_and_released(
    studio: Page, office: Page, person: User, suspicious_cluster: None
) -> None:
    order(studio, "a red fox")
    notice = studio.locator("#runs").get_by_text("Held back by the content policy").first
    expect(notice).to_be_visible(timeout=120_000)
    fits(studio)
    assert (balance(person), Image.objects.exists()) == (100, False)

    studio.get_by_role("link", name="Why, and how to appeal").first.click()
    studio.get_by_role("link", name="See why, or appeal").first.click()
    expect(studio.get_by_text("It was not charged.")).to_be_visible()
    appeal(studio, "It is a fox, and nothing but a fox.")
    allow(office, "Foxes may go as they are.")
    studio.reload()

    expect(studio.get_by_text("Foxes may go as they are.")).to_be_visible()
    goto(studio, "/library/")
    expect(studio.locator("#pictures .tile-link")).to_have_count(1)
    assert balance(person) == 100
