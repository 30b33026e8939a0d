from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import audit
from accounts.models import AuditLine
from billing import ledger, statement
from billing.models import Product
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def grant(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("grant_credits", *arguments, stdout=out, **{"reason": "We are sorry", **options})
    return out.getvalue()


def test_credits_are_given_with_the_reason() -> None:
    user = make_user(email="ada@example.com")
    assert grant("Ada@Example.com", "50") == "+50 credits; the site balance was 50 then.\n"
    assert ledger.wallet_of(user).entries.get().reason == "We are sorry"


def test_a_line_of_the_audit_log_names_the_reason_and_who_had_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    user = make_user(email="ada@example.com")

    grant("ada@example.com", "50")

    line = AuditLine.objects.get()
    assert (line.actor, line.verb, line.object_id) == (
        audit.COMMAND_LINE,
        "grant credits",
        str(ledger.wallet_of(user).pk),
    )
    assert line.note == "command line, grace: +50 credits: We are sorry"


def test_credits_are_given_to_the_wallet_that_is_named() -> None:
    user = make_user(email="ada@example.com")
    grant("ada@example.com", "50", wallet="api")
    assert (statement.balance_of(user), statement.balance_of(user, Product.API)) == (0, 50)


def test_a_repeated_key_gives_nothing_more() -> None:
    user = make_user(email="ada@example.com")
    for _ in range(2):
        grant("ada@example.com", "50", key="march")
    assert statement.balance_of(user) == 50


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody@example.com", "5"], "Nobody here has the address"),
        (["ada@example.com", "0"], "0 credits cannot be moved"),
        (["ada@example.com", "-5"], "5 credits are needed, 0 are there"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], message: str) -> None:
    make_user(email="ada@example.com")
    with pytest.raises(CommandError, match=message):
        grant(*arguments)


def test_a_reason_with_an_address_is_refused() -> None:
    user = make_user(email="ada@example.com")
    with pytest.raises(CommandError, match="Leave addresses out"):
        grant("ada@example.com", "5", reason="Asked by grace@example.com")
    assert statement.balance_of(user) == 0
