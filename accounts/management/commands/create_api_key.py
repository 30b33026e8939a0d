from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import api_keys, audit
from accounts.errors import AccountsError
from accounts.models import KEY_NAME_MAX_LENGTH, User


class Command(BaseCommand):
    help = "Makes an API key for a person and prints it: this once, and nothing else on the standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", required=True, metavar="EMAIL")
        parser.add_argument("--name", required=True, help="by which its owner tells it from others")
        parser.add_argument("--test", action="store_true", help="a key that makes 25 pictures a day and costs nothing")

    def handle(self, *, user: str, name: str, test: bool, **options: Any) -> None:
        """Write the key."""
        name = " ".join(name.split())
        if not 0 < len(name) <= KEY_NAME_MAX_LENGTH:
            raise CommandError(f"A key's name has 1 to {KEY_NAME_MAX_LENGTH} characters; this has {len(name)}.")
        try:
            owner = User.objects.get_by_natural_key(user)
            with transaction.atomic():
                key, text = api_keys.create(owner, name, is_test=test)
                audit.write_of_command("create API key", key, f"for {owner.pk}")
        except User.DoesNotExist as error:
            raise CommandError(f"Nobody here has the address {user}.") from error
        except AccountsError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text)
