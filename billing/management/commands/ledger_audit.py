from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from billing import ledger_audits
from billing.audit import audit
from billing.models import Wallet


class Command(BaseCommand):
    help = "Proves that the ledger's books are right; exits non-zero and names wallet and fact where they are not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--wallet", type=UUID, metavar="ID", help="look at this wallet only")

    def handle(self, *, wallet: UUID | None, **options: Any) -> None:
        """Print a line for each finding."""
        if wallet is not None and not Wallet.objects.filter(pk=wallet).exists():
            raise CommandError(f"There is no wallet {wallet}.")
        began, lines = timezone.now(), []
        for finding in audit(wallet):
            lines.append(f"wallet {finding.wallet_id}: {finding.fact}")
            self.stdout.write(lines[-1])
        if wallet is None:
            ledger_audits.keep(lines, Wallet.objects.count(), began)
        if lines:
            raise CommandError(f"{len(lines)} facts do not hold.")
        self.stdout.write(self.style.SUCCESS("Every fact holds."))
