from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import plans
from billing.errors import PaymentError


class Command(BaseCommand):
    help = "Tells the shop what is for sale: plans, packs and their prices. Run it after each change of those."

    def handle(self, **options: Any) -> None:
        """Sync and say what is sold."""
        try:
            plans.sync()
        except PaymentError as error:
            raise CommandError(str(error)) from error
        for plan in plans.offered_plans():
            if not plan.is_free:
                self.stdout.write(f"{plan.name}: {plan.month_price_id} a month, {plan.year_price_id} a year")
        self.stdout.write("The packs are for sale too.")
