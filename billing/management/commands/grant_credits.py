from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import addresses, audit
from accounts.models import User
from billing import ledger
from billing.errors import BillingError
from billing.models import Product


class Command(BaseCommand):
    help = "Gives credits to a person, or takes them (a negative number); the reason stands on their ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("credits", type=int)
        parser.add_argument("--wallet", choices=Product.values, default=Product.SITE.value)
        parser.add_argument("--reason", required=True)
        parser.add_argument("--key", help="repeating a command with the same key gives nothing more")

    def handle(self, *, email: str, credits: int, wallet: str, reason: str, key: str | None, **options: Any) -> None:
        """Write one line to the ledger."""
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist as error:
            raise CommandError(f"Nobody here has the address {email}.") from error
        try:
            addresses.refuse_in(reason)
        except ValidationError as error:
            raise CommandError(error.message) from error
        try:
            with transaction.atomic():
                own = ledger.wallet_of(user, Product(wallet))
                entry = ledger.adjust(own, credits, key=f"command:{key or uuid4().hex}", reason=reason)
                audit.write_of_command("grant credits", own, f"{entry.delta:+d} credits: {reason}")
        except (BillingError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{entry.delta:+d} credits; the {wallet} balance was {entry.balance_after} then.")
