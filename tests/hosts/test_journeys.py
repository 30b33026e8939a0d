"""What people and programs do, each step at another host: sessions, keys, limits and files are the studio's."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from zipfile import ZipFile

import pytest

from tests.flows.clusters import wait_for
from tests.hosts.people import Browser, Program, ask, send
from tests.hosts.studio import GPUS, HOOK_PORT, RATE_OF_A_KEY, Studio

pytestmark = pytest.mark.long

_MEDIA = re.compile(r"/media/[^\"' ]+")


def test_a_persons_way_leads_over_all_hosts(hosts: Studio) -> None:
    person = Browser(hosts)
    person.sign_up("web1", other="web2")
    run = person.generate("web2")
    wait_for(lambda: hosts.one("SELECT status FROM generation_job WHERE id = %s", run) == "FINISHED", "the picture")
    assert hosts.one("SELECT split_part(claimed_by, ':', 1) FROM generation_job WHERE id = %s", run) in GPUS

    page = person.get("web1", f"/create/runs/{run}/")
    link = _MEDIA.search(page.text)
    assert link, page.text
    for web in ("web1", "web2"):
        redirect = send(hosts, web, "GET", link[0])
        assert redirect.status == 302
        assert redirect.headers["Location"].startswith(hosts.s3.endpoint_url)
        assert ask(redirect.headers["Location"]).content[8:12] == b"WEBP"
    assert "a red fox" in person.get("web2", "/library/").text

    # Everything as one file, which the queue's host writes.
    assert person.post("web2", "/settings/your-data/export/", {}, page="/settings/your-data/").status == 302
    export = wait_for(lambda: _ready_export(hosts, person.email), "the export")
    lead = person.get("web1", f"/settings/your-data/export/{export}/")
    file = ask(send(hosts, "web2", "GET", lead.headers["Location"]).headers["Location"])
    assert any(name.startswith("pictures/") for name in ZipFile(io.BytesIO(file.content)).namelist())

    # Who logs out at one host is out at the other.
    assert person.post("web1", "/accounts/logout/", {}).status == 302
    assert person.get("web2", "/library/").status == 302


def test_a_program_orders_at_one_host_reads_at_another_and_hears_from_a_third(hosts: Studio) -> None:
    person = Browser(hosts)
    person.sign_up("web2", other="web1")
    hosts.manage("queue", "grant_credits", person.email, "10", "--wallet", "api", "--reason", "for a test")
    with customer(hosts) as heard:
        hook = f"http://{hosts.network.hosts['customer']}:{HOOK_PORT}/hook"
        events = ["diffusion.finished", "diffusion.failed"]
        made = person.post("web1", "/settings/webhooks/", {"url": hook, "events": events})
        assert made.status == 302, made.text[:3000]
        program = Program(hosts, person.make_key("web1"))

        ordered = program.post("web2", "one").json
        again = program.post("web1", "one").json
        assert again["id"] == ordered["id"]
        found = wait_for(lambda: _finished(program, "web1", ordered["id"]), "the picture")
        link = found["images"][0].removeprefix("https://studio.example")
        assert ask(send(hosts, "web2", "GET", link).headers["Location"]).content[:4] == b"\x89PNG"
        message = wait_for(lambda: next((text for text in heard if ordered["id"] in text), ""), "the webhook")
        assert "finished" in message
    hosts.check()


def test_limits_count_what_comes_to_either_host(hosts: Studio) -> None:
    person = Browser(hosts)
    person.sign_up("web1", other="web2")
    program = Program(hosts, person.make_key("web2"))
    answers = [program.get(("web1", "web2")[number % 2], "models").status for number in range(2 * RATE_OF_A_KEY)]
    # What the bucket won back meanwhile may pass as well; with a limit a host it would be all of them.
    assert RATE_OF_A_KEY <= answers.count(200) < 1.6 * RATE_OF_A_KEY
    assert set(answers) == {200, 429}

    stranger = Browser(hosts, email=person.email)
    tries = [stranger.log_in(("web1", "web2")[number % 2], password="wrong") for number in range(7)]
    assert "Too many" in tries[5].text + tries[6].text
    assert "Too many" in stranger.log_in("web1").text  # the right one, too


@contextmanager
def customer(hosts: Studio) -> Iterator[list[str]]:
    """Let the customer's host listen; yields what it hears."""
    heard: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with hosts.network.inside("customer"):
        server = ThreadingHTTPServer((hosts.network.hosts["customer"], HOOK_PORT), Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()


def _ready_export(hosts: Studio, email: str) -> str:
    query = """
        SELECT export.id FROM generation_export export JOIN accounts_user person ON person.id = export.user_id
        WHERE person.email = %s AND export.status = 'ready'
    """
    return next((str(row[0]) for row in hosts.rows(query, email)), "")


def _finished(program: Program, web: str, diffusion: str) -> dict[str, list[str]] | None:
    answer = program.get(web, f"diffusions/{diffusion}").json
    return answer if answer["status"] == "FINISHED" else None
