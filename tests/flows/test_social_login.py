"""Google and GitHub are offered where they are set up, and a form may lead there."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.rules.tree import ROOT

NAMES = ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET")


def test_what_is_set_up_is_offered_on_each_door_and_may_be_led_to(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path), **dict.fromkeys(NAMES, "a-client-or-secret")}
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
    found = json.loads(answer.stdout.splitlines()[-1])
    assert set(map(tuple, found["offered"].values())) == {("Google", "GitHub")}
    assert found["leads_to"].startswith("https://accounts.google.com/o/oauth2/")
    assert "code_challenge=" in found["leads_to"]
    assert "https://accounts.google.com https://github.com" in found["policy"]
