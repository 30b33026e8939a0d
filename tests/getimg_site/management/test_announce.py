import os
import signal
import subprocess
import sys

from pytest_django.live_server_helper import LiveServer

from tests.rules.tree import ROOT


def test_it_prints_the_address_when_the_site_answers_and_stays_until_told(live_server: LiveServer) -> None:
    port = live_server.url.rsplit(":", 1)[1]
    environment = {**os.environ, "PORT": port, "WEB_BIND": "localhost", "SITE_URL": "http://studio.test"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "announce"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "getimg is at http://studio.test"
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
