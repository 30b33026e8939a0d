"""An audit of the books that an operator or a command asked for, and what it found.

Written by `billing/ledger_audits.py` alone.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy


class LedgerAudit(models.Model):
    """One walk over all wallets, a slice of minutes at a time."""

    # The operator's id; none where it was `manage.py ledger_audit`.
    asked_by = models.UUIDField(null=True, editable=False)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    # Nobody takes it before: while a process works at it.
    due_at = models.DateTimeField(default=timezone.now, editable=False)
    # One at a time: true until it has ended.
    is_open = models.BooleanField(default=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Wallets there were when it was asked for, those looked at, and the last of them.
    wallets = models.PositiveBigIntegerField(default=0, editable=False)
    checked = models.PositiveBigIntegerField(default=0, editable=False)
    last_wallet = models.UUIDField(null=True, blank=True, editable=False)
    # How many facts do not hold, and the first of them in words.
    faults = models.PositiveIntegerField(default=0, editable=False)
    findings = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        verbose_name = gettext_lazy("ledger audit")
        verbose_name_plural = gettext_lazy("ledger audits")
        constraints = [
            models.UniqueConstraint(fields=["is_open"], name="ledger_audit_one_open", condition=Q(is_open=True)),
            models.CheckConstraint(
                condition=Q(is_open=True, ended_at__isnull=True) | Q(is_open=False, ended_at__isnull=False),
                name="ledger_audit_ended_has_time",
            ),
        ]
        permissions = [("run_ledger_audit", "Can have the ledger audited")]

    def __str__(self) -> str:
        return f"ledger audit of {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.is_open:
            return gettext("Running") if self.checked else gettext("Waiting")
        return gettext("Facts do not hold") if self.faults else gettext("Every fact holds")
