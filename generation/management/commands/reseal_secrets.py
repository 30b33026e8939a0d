from typing import Any

from django.core.management.base import BaseCommand

from generation import second_factors, webhooks


class Command(BaseCommand):
    help = "Encrypt every kept secret with the newest key, so that older keys can be dropped."

    def handle(self, *args: Any, **options: Any) -> None:
        resealed = webhooks.reseal()
        self.stdout.write(f"{resealed} webhook endpoints were sealed anew.")
        self.stdout.write(f"{second_factors.reseal()} second factors were sealed anew.")
