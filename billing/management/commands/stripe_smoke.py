from typing import Any

from django.core.management.base import BaseCommand, CommandError

from billing import stripe_smoke


class Command(BaseCommand):
    help = "Takes a customer's whole journey at the shop of a test-mode key and says how each step went."

    def handle(self, **options: Any) -> None:
        """Run it; the exit status says whether all went well."""
        try:
            is_well = stripe_smoke.run(self.stdout.write)
        except stripe_smoke.LiveKey as error:
            raise CommandError(str(error)) from error
        if not is_well:
            raise CommandError("The shop does not do what we believe it does; see above.")
