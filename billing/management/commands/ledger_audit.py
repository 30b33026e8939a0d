from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

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
        count = 0
        for finding in audit(wallet):
            count += 1
            self.stdout.write(f"wallet {finding.wallet_id}: {finding.fact}")
        if count:
            raise CommandError(f"{count} facts do not hold.")
        self.stdout.write(self.style.SUCCESS("Every fact holds."))
