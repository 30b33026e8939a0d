"""A person with credits and a browser in which they are signed in.

Imports of the product stand inside the fixtures: pytest reads this file before Django is set up.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.rules.tree import ROOT

if TYPE_CHECKING:
    from accounts.models import User
    from tests.browser.counter import Counter

# A machine that does much else at once is slow, not wrong; what does come is seen at once all the same.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """Let pages be opened by their path; the server's threads see what the test writes."""
    return str(live_server.url)


@pytest.fixture(params=["phone", "desk"])
def size(request: pytest.FixtureRequest) -> str:
    """Return on what a journey is made; a test that asks for it is run on each, in a window of that size."""
    return str(request.param)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give the browser the window of `size`, where a test asks for one."""
    from tests.browser.sizes import SIZES

    window = SIZES[request.getfixturevalue("size")] if "size" in request.fixturenames else {}
    return {**browser_context_args, **window}


@pytest.fixture
def stranger(browser: Browser, browser_context_args: dict[str, Any], base_url: str, person: "User") -> Iterator[Page]:
    """Yield a page of somebody else, in a browser of their own."""
    from tests.browser.windows import sign_in
    from tests.generation.runs import make_person

    context = browser.new_context(**browser_context_args)
    sign_in(context, make_person("bob@example.com"), base_url)
    page = context.new_page()
    page.set_default_timeout(120_000)
    yield page
    context.close()


@pytest.fixture
def person(transactional_db: None) -> "User":
    """Return somebody with 100 credits."""
    from tests.generation.runs import make_person

    return make_person()


@pytest.fixture
def studio(page: Page, person: "User", base_url: str) -> Iterator[Page]:
    """Yield a page in which the person is signed in; code that the policy refuses fails the test."""
    from tests.browser.windows import sign_in, watch_policy

    page.set_default_timeout(120_000)
    refused = watch_policy(page)
    sign_in(page.context, person, base_url)
    yield page
    assert not refused


@pytest.fixture
def till(settings: LazySettings, tmp_path: Path, transactional_db: None, base_url: str) -> Iterator["Counter"]:
    """Let the site sell at its own shop, with books of this test's own; letters go out when the test says so."""
    from billing.test_shop import mount
    from tests.browser import counter

    settings.DATA_DIR = tmp_path
    counter.connect(base_url)
    mount.embedded_shop.cache_clear()
    shop = mount.embedded_shop()
    shop.courier.stop()
    yield counter.Counter(shop)
    mount.embedded_shop.cache_clear()


@pytest.fixture
def flat_cluster(child_environment: dict[str, str]) -> Iterator[None]:
    """Run the gpu cluster with the engine that draws flat colours and edits by the rules."""
    environment = {**child_environment, "ENGINE_BACKEND": "noop"}
    process = subprocess.Popen([sys.executable, "manage.py", "supervise", "gpu"], cwd=ROOT, env=environment)
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(30)
