"""The main journey, in a real browser with the real worker and the shipped model."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from billing import audit, ledger
from generation.models import Job
from tests.rules.tree import ROOT

_DRAWING_MS = 120_000


@pytest.fixture
def gpu_cluster(child_environment: dict[str, str]) -> Iterator[None]:
    """Run the gpu cluster under supervision, as `make run` does."""
    process = subprocess.Popen([sys.executable, "manage.py", "supervise", "gpu"], cwd=ROOT, env=child_environment)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def test_sign_up_generate_cancel_and_find_the_charge(live_server: LiveServer, page: Page, gpu_cluster: None) -> None:
    _sign_up(page, live_server.url)
    _generate_four(page)
    _cancel_a_slow_run(page)

    page.goto(f"{live_server.url}/settings/billing/")
    for words in ("96", "4 pictures from text", "Given back: canceled"):
        expect(page.locator("main")).to_contain_text(words)
    user = User.objects.get(email="ada@example.com")
    assert Job.objects.get(status="CANCELED").images_stored == 0
    assert ledger.available(ledger.wallet_of(user)) == 96
    assert list(audit.audit()) == []


def _sign_up(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/signup/")
    page.locator("input[name=email]").fill("ada@example.com")
    page.locator("input[name=password1]").fill("correct horse battery staple")
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/create/"))
    expect(page.locator("#generate")).to_contain_text("Generate · 4 credits")


def _generate_four(page: Page) -> None:
    page.locator("#prompt").fill("a red apple on a dark blue background")
    page.keyboard.press("Control+Enter")
    run = page.locator("article.run").first
    expect(run).to_have_attribute("data-face", "done", timeout=_DRAWING_MS)
    pictures = run.locator("a.tile-link img[srcset]")
    expect(pictures).to_have_count(4)
    widths = pictures.evaluate_all("all => Promise.all(all.map(i => i.decode().then(() => i.naturalWidth)))")
    assert all(width > 0 for width in widths)


def _cancel_a_slow_run(page: Page) -> None:
    page.locator("#prompt").fill("a run that takes its time")
    page.locator("summary", has_text="Advanced").click()
    page.locator("input[name=steps]").last.fill("100")
    expect(page.locator("#generate")).to_contain_text("16 credits")
    page.locator("#generate").click()
    run = page.locator("article.run").first
    expect(run).to_contain_text("a run that takes its time")
    run.get_by_role("button", name="Cancel").click()
    expect(run.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(run).to_contain_text(re.compile("cancel", re.IGNORECASE))
