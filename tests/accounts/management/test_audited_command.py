"""Django's own commands about people: each leaves its line in the audit log, and none where nothing was done."""

import getpass
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from accounts import audit
from accounts.models import AuditLine, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shell_of_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "grace")


def type_in(monkeypatch: pytest.MonkeyPatch, *passwords: str) -> None:
    typed: Iterator[str] = iter(passwords)
    monkeypatch.setattr(getpass, "getpass", lambda prompt="": next(typed))


def test_a_superuser_made_from_the_shell_is_a_line() -> None:
    call_command("createsuperuser", "--noinput", "--email", "root@example.com", verbosity=0)

    line = AuditLine.objects.get()
    root = User.objects.get()
    assert root.is_superuser
    assert (line.actor, line.verb, line.object_id) == (audit.COMMAND_LINE, "create superuser", str(root.pk))
    assert line.note == "command line, grace: manage.py createsuperuser"


def test_a_superuser_who_is_refused_is_none() -> None:
    make_user(email="root@example.com")
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", "--noinput", "--email", "root@example.com")
    assert not AuditLine.objects.exists()


def test_a_password_changed_from_the_shell_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(email="ada@example.com")
    type_in(monkeypatch, "correct horse battery", "correct horse battery")

    call_command("changepassword", "ada@example.com")

    user.refresh_from_db()
    assert user.check_password("correct horse battery")
    line = AuditLine.objects.get()
    assert (line.actor, line.verb, line.object_id) == (audit.COMMAND_LINE, "change password", str(user.pk))
    assert line.note == "command line, grace: manage.py changepassword"
    assert "horse" not in str([line.changes, line.object_text])


def test_nothing_is_written_of_what_comes_after_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(email="ada@example.com")
    type_in(monkeypatch, *["one", "another"] * 3)
    with pytest.raises(CommandError, match="after 3 attempts"):
        call_command("changepassword", "ada@example.com")
    user.save()
    assert not AuditLine.objects.exists()
