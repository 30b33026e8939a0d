"""An invite follows a friend through a provider of identities, where no form of ours is seen."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.rules.tree import ROOT


def test_friends_who_sign_up_with_a_provider_are_attached_and_those_it_vouches_for_confirmed(tmp_path: Path) -> None:
    environment = {**os.environ, "DATA_DIR": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    answer = subprocess.run(
        [sys.executable, "-m", "tests.flows.social_friends"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
        check=True,
    )
    found = json.loads(answer.stdout.splitlines()[-1])
    assert found["people"] == ["bob@example.com", "eve@example.com", "tom@example.com"]
    assert found["invites"] == {"bob@example.com": "confirmed", "eve@example.com": "joined"}
