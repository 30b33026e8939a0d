"""Google and GitHub are offered where they are set up, and a form may lead there; nothing else opens that door."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.rules.tree import ROOT

NAMES = ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a site with both providers offers and answers."""
    data = tmp_path_factory.mktemp("doors")
    environment = {**os.environ, "DATA_DIR": str(data), **dict.fromkeys(NAMES, "a-client-or-secret")}
    for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL"):
        environment.pop(name, None)
    answer = subprocess.run(
        [sys.executable, "-m", "tests.flows.social_doors"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    told: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return told


def test_what_is_set_up_is_offered_on_each_door_and_may_be_led_to(found: dict[str, Any]) -> None:
    assert set(map(tuple, found["offered"].values())) == {("Google", "GitHub")}
    assert found["leads_to"].startswith("https://accounts.google.com/o/oauth2/")
    assert "https://accounts.google.com https://github.com" in found["policy"]


def test_a_providers_answer_is_bound_to_the_asking(found: dict[str, Any]) -> None:
    assert "code_challenge=" in found["leads_to"]
    assert "state=" in found["leads_to"]
    status, is_in = found["forged"]
    assert (status >= 400 or status == 200, is_in) == (True, False)


def test_nobody_is_sent_to_a_provider_without_a_press(found: dict[str, Any]) -> None:
    status, location = found["unasked"]
    assert (status, location) == (200, "")


def test_no_token_is_taken_from_a_browsers_hand(found: dict[str, Any]) -> None:
    assert found["token"] == 404
