"""Audits of the books that operators ask for: the default queue walks all wallets, a slice at a time.

A process that is killed is followed by another, which goes on after the last chunk that was noted. What is proved is
`audit`'s.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from billing import errands
from billing.audit import CHUNK, audit_chunk
from billing.models import LedgerAudit, Wallet

logger = logging.getLogger(__name__)

FINDINGS_KEPT = 200
# How long a process may be silent before another goes on, and how long one works at a time.
_LEASE = timedelta(minutes=10)
_SLICE_SECONDS = 120.0


def start(operator: User) -> LedgerAudit:
    """Ask for an audit; while one runs, it is that one."""
    try:
        with transaction.atomic():
            audit = LedgerAudit.objects.create(asked_by=operator.pk, wallets=Wallet.objects.count())
            errands.send("audit_ledger")
    except IntegrityError:
        return LedgerAudit.objects.get(is_open=True)
    logger.info("ledger audit asked for", extra={"audit": audit.pk})
    return audit


def run_due(now: datetime | None = None, *, chunk: int = CHUNK) -> bool:
    """Work at the audit that is due, if any; returns whether one has ended. Safe beside another."""
    moment = now or timezone.now()
    audit = LedgerAudit.objects.filter(is_open=True, due_at__lte=moment).first()
    if audit is None:
        return False
    mine = LedgerAudit.objects.filter(pk=audit.pk, is_open=True, due_at=audit.due_at)
    if not mine.update(due_at=moment + _LEASE):
        return False
    until = time.monotonic() + _SLICE_SECONDS
    while time.monotonic() < until:
        found, last, count = audit_chunk(audit.last_wallet, chunk)
        if last is None:
            return _end(audit)
        lines = [f"wallet {finding.wallet_id}: {finding.fact}" for finding in found]
        audit.findings = [*audit.findings, *lines][:FINDINGS_KEPT]
        audit.last_wallet = last
        facts = {"findings": audit.findings, "last_wallet": last, "faults": F("faults") + len(lines)}
        LedgerAudit.objects.filter(pk=audit.pk).update(checked=F("checked") + count, **facts)
    with transaction.atomic():
        LedgerAudit.objects.filter(pk=audit.pk).update(due_at=moment)
        errands.send("audit_ledger")
    return False


def keep(lines: list[str], wallets: int, began: datetime) -> LedgerAudit:
    """Write down an audit of all wallets that a command has made: the facts that do not hold, in words."""
    return LedgerAudit.objects.create(
        asked_at=began,
        is_open=False,
        ended_at=timezone.now(),
        wallets=wallets,
        checked=wallets,
        faults=len(lines),
        findings=lines[:FINDINGS_KEPT],
    )


def _end(audit: LedgerAudit) -> bool:
    LedgerAudit.objects.filter(pk=audit.pk).update(is_open=False, ended_at=timezone.now())
    audit.refresh_from_db()
    log = logger.error if audit.faults else logger.info
    log("ledger audited", extra={"audit": audit.pk, "wallets": audit.checked, "faults": audit.faults})
    return True
