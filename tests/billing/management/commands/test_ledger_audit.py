from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from billing.models import LedgerAudit, Wallet
from tests.factories import make_wallet

pytestmark = pytest.mark.django_db


def test_clean_books_end_well() -> None:
    make_wallet(10)
    out = StringIO()
    call_command("ledger_audit", stdout=out)
    assert "Every fact holds." in out.getvalue()
    (kept,) = LedgerAudit.objects.all()
    assert (kept.checked, kept.faults, kept.is_open, kept.state) == (1, 0, False, "Every fact holds")


def test_a_broken_fact_fails_the_command_and_is_named_with_its_wallet() -> None:
    wallet, other = make_wallet(10), make_wallet(10)
    Wallet.objects.filter(pk=wallet.pk).update(balance=9)
    out = StringIO()
    with pytest.raises(CommandError, match="2 facts do not hold"):
        call_command("ledger_audit", stdout=out)
    assert f"wallet {wallet.pk}: the balance is 9, but the lots have 10 left" in out.getvalue()
    (kept,) = LedgerAudit.objects.all()
    assert (kept.checked, kept.faults, len(kept.findings)) == (2, 2, 2)
    call_command("ledger_audit", "--wallet", str(other.pk), stdout=out)
    assert LedgerAudit.objects.count() == 1


def test_a_wallet_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no wallet"):
        call_command("ledger_audit", "--wallet", str(UUID(int=7)))
