"""An audit that an operator asks for: one at a time, in slices, followed by another process where one dies."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from billing import ledger_audits
from billing.models import LedgerAudit, Wallet
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db


def test_every_wallet_is_looked_at_and_what_does_not_hold_is_named() -> None:
    wallets = [make_wallet(5) for _ in range(3)]
    Wallet.objects.filter(pk=wallets[1].pk).update(balance=7)
    audit = ledger_audits.start(make_user())

    assert ledger_audits.run_due(chunk=2)

    audit.refresh_from_db()
    assert (audit.is_open, audit.wallets, audit.checked) == (False, 3, 3)
    assert audit.faults == 2
    assert f"wallet {wallets[1].pk}: the balance is 7, but the entries make 5" in audit.findings


def test_there_is_one_at_a_time() -> None:
    first = ledger_audits.start(make_user())

    assert ledger_audits.start(make_user()) == first
    assert len([row for row in OrmQ.objects.all() if row.task["func"] == "billing.tasks.audit_ledger"]) == 1
    assert ledger_audits.run_due()
    assert ledger_audits.start(make_user()) != first


def test_a_slice_that_is_over_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        make_wallet(5)
    audit = ledger_audits.start(make_user())
    times = iter([0.0, 1.0, 1000.0])
    with monkeypatch.context() as patched:
        patched.setattr("billing.ledger_audits.time.monotonic", lambda: next(times))
        assert not ledger_audits.run_due(chunk=2)
    audit.refresh_from_db()
    assert (audit.is_open, audit.checked) == (True, 2)

    assert ledger_audits.run_due(chunk=2)

    audit.refresh_from_db()
    assert audit.checked == 3


def test_a_dead_process_is_followed_when_its_lease_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    make_wallet(5)
    ledger_audits.start(make_user())

    class Killed(BaseException):
        """What a kill looks like from within."""

    def killed(*values: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(ledger_audits, "audit_chunk", killed)
        with pytest.raises(Killed):
            ledger_audits.run_due()

    assert not ledger_audits.run_due()
    assert ledger_audits.run_due(timezone.now() + timedelta(minutes=11))
    assert not LedgerAudit.objects.filter(is_open=True).exists()
