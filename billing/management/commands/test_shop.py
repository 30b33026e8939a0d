"""The test shop as a server of its own: `manage.py test_shop --file var/test_shop.sqlite3`."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from billing.test_shop import server


class Command(BaseCommand):
    help = "Serve a Stripe-compatible shop where no real money moves."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        server.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        server.serve(argparse.Namespace(**options), self.stdout.write)
