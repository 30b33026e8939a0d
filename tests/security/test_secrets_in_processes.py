"""The real programs are given secrets, and whoever they show one to refuses it: no log, page or message has it then.

What a single process can be brought to tell with the settings at hand is `test_secrets`'.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from django.urls import reverse

from generation.models import FailedAttempt, Job
from tests.flows.clusters import gpu_cluster, wait_for, wait_until_ended
from tests.generation.authorities import make_chain
from tests.generation.runs import finished, make_person, submit
from tests.reliability.web import web
from tests.rules.tree import ROOT
from tests.security.refusers import OverHttp, OverPostgres, OverRedis, Refuser, refusing

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

PLANTED = "geheimnis"
PROVIDERS = ("google", "github")
COMMANDS = (
    ["migrate"],
    ["grant_credits", "ada@example.com", "5", "--reason", "A gift"],
    ["ledger_audit"],
    ["reseal_secrets"],
)


@pytest.fixture
def others() -> Iterator[dict[str, Refuser]]:
    """Yield who refuses, by how they are spoken to."""
    with ExitStack() as stack:
        handlers = {"http": OverHttp, "redis": OverRedis, "postgres": OverPostgres}
        yield {name: stack.enter_context(refusing(handler)) for name, handler in handlers.items()}


@pytest.fixture
def planted(child_environment: dict[str, str], others: dict[str, Refuser]) -> dict[str, str]:
    """Return the environment of a site whose bucket, Sentry, Google and GitHub refuse it."""
    url = f"http://{others['http'].place}"
    vouchers = {
        "google": {"AUTHORIZE_URL": f"{url}/authorize", "ACCESS_TOKEN_URL": f"{url}/token"},
        "github": {"GITHUB_URL": url},
    }
    own = {
        "S3_ENDPOINT_URL": url,
        "S3_BUCKET": "media",
        "S3_ACCESS_KEY": f"{PLANTED}-s3-access",
        "S3_SECRET_KEY": f"{PLANTED}-s3-secret",
        "SENTRY_DSN": f"http://{PLANTED}sentry@{others['http'].place}/1",
        "DJANGO_SETTINGS_MODULE": "tests.browser.voucher_settings",
        "VOUCHERS": json.dumps({"settings": vouchers, "pages": {}}),
        "PYTHONPATH": str(ROOT),
        "WEB_PROCESSES": "1",
    }
    own |= {f"{name.upper()}_CLIENT_ID": "a-site" for name in PROVIDERS}
    own |= {f"{name.upper()}_CLIENT_SECRET": f"{PLANTED}-{name}" for name in PROVIDERS}
    return {**child_environment, **own}


def test_pages_tell_no_secret_of_who_refuses(
    planted: dict[str, str], others: dict[str, Refuser], tmp_path: Path
) -> None:
    redis_url = f"redis://:{PLANTED}-redis@{others['redis'].place}/0"
    image = finished(make_person(), num_images=1).images.get()
    owner = Client()
    owner.force_login(image.user)
    with web(planted, tmp_path, REDIS_URL=redis_url) as site, httpx.Client(base_url=site.url, timeout=60) as visitor:
        wait_for(site.answers, "the web process")
        answers = [visitor.get("/readyz"), visitor.get("/accounts/login/")]
        assert answers[0].json()["cache"] is False
        for name in PROVIDERS:
            answers += _come_back_from(visitor, name)
        visitor.cookies.set("sessionid", owner.cookies["sessionid"].value)
        answers.append(visitor.get(reverse("generation:download", args=[image.pk])))
        assert answers[-1].status_code == 500, answers[-1].text
        wait_for(lambda: others["http"].has_heard(f"{PLANTED}sentry"), "an error that Sentry is told")
    said = [answer.text + str(answer.headers) for answer in answers]
    for name in PROVIDERS:
        assert others["http"].has_heard(f"client_secret={PLANTED}-{name}")
    assert others["http"].has_heard(f"{PLANTED}-s3-access")
    assert others["redis"].has_heard(f"{PLANTED}-redis")
    _assert_untold(site.log.read_text(), *said)


def test_whoever_draws_tells_no_secret_of_the_bucket_the_signature_and_sentry(
    planted: dict[str, str], others: dict[str, Refuser], tmp_path: Path
) -> None:
    chain = make_chain(tmp_path)
    pair = {"C2PA_CERTIFICATE": str(chain.certificate), "C2PA_PRIVATE_KEY": str(chain.private_key)}
    own_key = chain.private_key.read_text().splitlines()[1]
    with gpu_cluster({**planted, **pair}, tmp_path, JOB_MAX_ATTEMPTS="1", ENGINE_NOOP_SECONDS="0") as cluster:
        cluster.await_member("engine")
        chain.private_key.write_text(f"-----BEGIN PRIVATE KEY-----\n{PLANTED}\n-----END PRIVATE KEY-----\n")
        ended = wait_until_ended(submit(make_person()))
        wait_for(lambda: others["http"].has_heard(f"{PLANTED}sentry"), "an error that Sentry is told")
    assert ended.status == Job.Status.FAILED
    assert "content credentials could not be signed" in cluster.text()
    assert others["http"].has_heard(f"{PLANTED}-s3-access")
    troubles = str([*FailedAttempt.objects.values_list("code", "detail")])
    _assert_untold(cluster.text(), ended.error_message, troubles, more=(own_key,))


def test_a_cluster_tells_no_secret_of_redis(
    child_environment: dict[str, str], others: dict[str, Refuser], tmp_path: Path
) -> None:
    redis_url = f"redis://:{PLANTED}@{others['redis'].place}/0"
    with gpu_cluster({**child_environment, "REDIS_URL": redis_url}, tmp_path) as cluster:
        wait_for(lambda: others["redis"].has_heard(PLANTED) and "AuthenticationError" in cluster.text(), "a refusal")
    _assert_untold(cluster.text())


def test_no_program_tells_the_databases_password(
    child_environment: dict[str, str], others: dict[str, Refuser], tmp_path: Path
) -> None:
    url = f"postgres://getimg:{PLANTED}@{others['postgres'].place}/getimg"
    environment = {**child_environment, "DATABASE_URL": url}
    for command in COMMANDS:
        assert "password authentication failed" in _refused(environment, *command), command
    with gpu_cluster(environment, tmp_path) as cluster:
        wait_for(lambda: "password authentication failed" in cluster.text(), "the cluster's refusal")
    with web(environment, tmp_path) as site, httpx.Client(base_url=site.url, timeout=60) as visitor:
        ready = wait_for(lambda: _answer_of(visitor, "/readyz"), "the web process")
        page = visitor.get("/")
    assert (ready.status_code, page.status_code) == (503, 503)
    assert others["postgres"].has_heard(PLANTED)
    _assert_untold(cluster.text(), site.log.read_text(), ready.text, page.text)


def test_a_key_that_is_none_is_named_by_its_file_alone(child_environment: dict[str, str], tmp_path: Path) -> None:
    chain = make_chain(tmp_path)
    chain.private_key.write_text(f"-----BEGIN PRIVATE KEY-----\n{PLANTED}\n-----END PRIVATE KEY-----\n")
    pair = {"C2PA_CERTIFICATE": str(chain.certificate), "C2PA_PRIVATE_KEY": str(chain.private_key)}
    for command in (["check"], ["supervise", "gpu"]):
        assert str(chain.private_key) in _refused({**child_environment, **pair}, *command)


def _come_back_from(visitor: httpx.Client, provider: str) -> list[httpx.Response]:
    """Be led to a provider, and come back with a code that the site takes there."""
    form = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"]}
    away = visitor.post(f"/accounts/{provider}/login/?process=login", data=form)
    assert away.status_code == 302, away.text
    (state,) = parse_qs(urlsplit(away.headers["Location"]).query)["state"]
    return [away, visitor.get(f"/accounts/{provider}/login/callback/", params={"code": "a-code", "state": state})]


def _answer_of(visitor: httpx.Client, path: str) -> httpx.Response | None:
    try:
        return visitor.get(path)
    except httpx.TransportError:
        return None


def _refused(environment: dict[str, str], *command: str) -> str:
    """Run a management command that is refused; returns what it said, which has no secret."""
    arguments = [sys.executable, "manage.py", *command]
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    _assert_untold(said)
    return said


def _assert_untold(*texts: str, more: tuple[str, ...] = ()) -> None:
    for text in texts:
        assert [secret for secret in (PLANTED, *more) if secret in text] == [], text[-3000:]
