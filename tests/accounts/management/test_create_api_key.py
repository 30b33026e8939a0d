from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import api_keys, audit
from accounts.models import AuditLine, User
from tests.factories import make_user
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("create_api_key", *arguments, stdout=out)
    return out.getvalue()


def test_the_key_alone_is_printed_and_opens() -> None:
    user = make_user(email="ada@example.com")

    out = said("--user", "Ada@example.com", "--name", "Server")

    key = api_keys.verify(out.removesuffix("\n"), "127.0.0.1")
    assert (key.user, key.name, key.is_test) == (user, "Server", False)
    assert out.startswith("gi_live_")


def test_a_line_of_the_audit_log_names_the_key_and_who_had_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    user = make_user(email="ada@example.com")

    said("--user", "ada@example.com", "--name", "Server")

    line = AuditLine.objects.get()
    assert (line.actor, line.verb, line.kind) == (audit.COMMAND_LINE, "create API key", "accounts.apikey")
    assert line.note == f"command line, grace: for {user.pk}"
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    assert "command line</td>" in words(visitor(root).get("/admin/accounts/auditline/"))


def test_a_test_key_is_made_on_request() -> None:
    make_user(email="ada@example.com")
    assert said("--user", "ada@example.com", "--name", "Trial", "--test").startswith("gi_test_")


@pytest.mark.parametrize(
    ("email", "name", "message"),
    [
        ("bob@example.com", "Server", "Nobody here"),
        ("ada@example.com", " ", "1 to 60"),
        ("ada@example.com", "x" * 61, "61"),
    ],
)
def test_what_is_wrong_is_said(email: str, name: str, message: str) -> None:
    make_user(email="ada@example.com")
    with pytest.raises(CommandError, match=message):
        said("--user", email, "--name", name)
