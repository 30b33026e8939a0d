"""Doors as they stand: passwords, sessions, forms from elsewhere, methods, hosts, and what the code may never do."""

import re

import pytest
from django.conf import LazySettings, settings
from django.test import Client

from accounts.models import User
from getimg_site import fixed_settings
from tests.rules import tree
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

GOOD = "Correct horse, battery staple! Ünïcode " + "x" * 60
LOGIN, SIGN_UP = "/accounts/login/", "/accounts/signup/"


def sign_up(password: str, email: str = "ada.lovelace@example.com") -> Client:
    client = Client()
    client.post(SIGN_UP, {"email": email, "password1": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/profile/").status_code == 200


def log_in(password: str, email: str = "ada.lovelace@example.com", client: Client | None = None) -> Client:
    client = client or Client()
    client.post(LOGIN, {"login": email, "password": password})
    return client


@pytest.mark.parametrize("password", ["short7!", "password123", "ada.lovelace", "73951846205"])
def test_short_common_and_obvious_passwords_are_refused(password: str) -> None:
    sign_up(password)
    assert not User.objects.exists()


def test_a_password_of_any_letters_and_a_hundred_long_counts_to_the_last_letter() -> None:
    assert len(GOOD) > 64
    sign_up(GOOD)
    assert is_in(log_in(GOOD))
    for wrong in (GOOD.lower(), GOOD[:-1], f"{GOOD}x", GOOD.strip("x")):
        assert not is_in(log_in(wrong))


def test_a_password_is_changed_with_the_old_one_alone() -> None:
    client, path = sign_up(GOOD), "/accounts/password/change/"
    new = {"password1": "Another horse 77", "password2": "Another horse 77"}
    client.post(path, {"oldpassword": "guessed wrong", **new})
    assert not is_in(log_in("Another horse 77"))
    client.post(path, {"oldpassword": GOOD, **new})
    assert is_in(log_in("Another horse 77"))
    assert not is_in(log_in(GOOD))


@pytest.mark.parametrize("path", [LOGIN, SIGN_UP, "/accounts/reauthenticate/", "/accounts/password/change/"])
def test_password_fields_hide_what_is_typed_and_let_it_be_pasted(path: str) -> None:
    client = Client() if path in (LOGIN, SIGN_UP) else sign_up(GOOD)
    fields = re.findall(r"<input[^>]*password[^>]*>", client.get(path, follow=True).content.decode())
    assert fields
    for found in fields:
        assert 'type="password"' in found
        assert re.search(r'autocomplete="(current|new)-password"', found)
        assert "onpaste" not in found


def test_guesses_are_slowed_down_and_the_right_password_waits_too() -> None:
    sign_up(GOOD)
    for _ in range(12):
        log_in("guessed wrong")
    assert not is_in(log_in(GOOD))


def test_passwords_are_kept_by_argon2_and_no_account_comes_with_the_site() -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher

    assert fixed_settings.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    # Source: OWASP's Password Storage Cheat Sheet asks for 19 MiB, 2 passes, 1 lane or more.
    assert Argon2PasswordHasher.memory_cost >= 19 * 1024
    assert Argon2PasswordHasher.time_cost >= 2
    assert not User.objects.exists()


def test_a_log_in_begins_a_session_and_a_log_out_ends_it_for_good() -> None:
    sign_up(GOOD)
    client = Client()
    client.get(LOGIN)
    client.cookies["sessionid"] = "f" * 32  # put there by somebody else
    log_in(GOOD, client=client)
    session = client.cookies["sessionid"].value
    assert session not in ("", "f" * 32)
    assert len(session) >= 32  # of 36 letters: 165 bits

    client.post("/accounts/logout/")
    client.cookies["sessionid"] = session
    assert not is_in(client)


def test_a_form_from_elsewhere_does_nothing() -> None:
    sign_up(GOOD)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(User.objects.get())
    assert careful.post("/settings/profile/", {"display_name": "Mallory"}).status_code == 403
    # The API knows no cookies: what a browser sends along opens nothing.
    assert careful.post("/v1/diffusions", "{}", content_type="application/json").status_code == 401


@pytest.mark.parametrize("path", ["/", "/create/", "/v1/diffusions", "/admin/"])
def test_trace_is_not_answered_with_what_was_sent(path: str) -> None:
    answer = visitor().trace(path, headers={"X-Secret": "kanari"})
    assert b"kanari" not in answer.content


@pytest.mark.parametrize("path", ["/static/", "/media/", "/.git/config", "/.env", "/static/../manage.py", "/docs/adr/"])
def test_no_folder_and_nothing_of_the_code_is_served(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_host_that_is_not_ours_is_refused(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["getimg.example"]
    for path in ("/", "/v1/models"):
        assert Client().get(path, headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/v1/models", "application/problem+json"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ],
)
def test_answers_say_what_they_are(path: str, kind: str) -> None:
    assert Client().get(path)["Content-Type"] == kind


def test_the_code_runs_no_text_no_shell_and_reads_no_xml() -> None:
    never = re.compile(r"(?<![\w.])(eval|exec)\(|shell=True|os\.system|os\.popen|xml\.etree|xml\.dom|lxml|yaml\.load\(")
    found = [
        f"{tree.name_of(path)}: {line.strip()}"
        for path in tree.product_files()
        for line in path.read_text().splitlines()
        if never.search(line) and not line.lstrip().startswith("#")
    ]
    assert found == []


def test_scripts_run_no_text_and_write_no_markup_of_ours() -> None:
    never = re.compile(r"\beval\(|new Function\(|document\.write|outerHTML\s*=|insertAdjacentHTML|innerHTML\s*=")
    scripts = sorted((settings.BASE_DIR / "static" / "js").rglob("*.js"))
    assert scripts
    assert [path.name for path in scripts if never.search(path.read_text())] == []


def test_templates_let_nothing_through_as_markup() -> None:
    files = tree.templates()
    assert files
    assert [tree.name_of(path) for path in files if re.search(r"\|safe\b|autoescape off", path.read_text())] == []
