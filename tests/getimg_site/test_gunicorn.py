"""What the web process says of itself has the site's form."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.rules.tree import ROOT


def test_lines_of_its_own_have_the_sites_form(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "--config", "getimg_site/gunicorn.py", "getimg_site.wsgi"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        named = {"LOG_FORMAT": "json", "DATA_DIR": str(tmp_path), "PORT": str(taken.getsockname()[1])}
        environment = {**os.environ, **named, "WEB_BIND": "127.0.0.1"}

        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            line = json.loads(process.stderr.readline())
            process.kill()

    assert (line["level"], line["logger"]) == ("ERROR", "gunicorn.error")
    assert "Connection in use" in line["message"]
    assert line["time"].endswith("+00:00")
