"""A process with a provider of identities: friends sign up by it, and what became of their invites goes out as JSON.

`test_social_invites.py` starts it: that provider is no part of the site, so not of the suite's settings.
"""

import json
import os
from typing import Any

from django.test import Client

NETWORK = "93.184.216.34"


def main() -> None:
    """Let friends come by the link through the provider, and write down their invites."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    from accounts import referrals
    from accounts.models import Referral, User

    ada = User.objects.create_user("ada@example.com")
    link = f"/r/{referrals.code_of(ada)}/"
    for number, (email, is_vouched_for, follows) in enumerate(
        [("bob@example.com", True, True), ("eve@example.com", False, True), ("tom@example.com", True, False)]
    ):
        client = Client(REMOTE_ADDR=NETWORK)
        if follows:
            client.get(link)
        _sign_up(client, {"id": number, "email": email, **({"email_verified": "on"} if is_vouched_for else {})})
    found = Referral.objects.values_list("friend__email", "state")
    people = User.objects.exclude(pk=ada.pk).values_list("email", flat=True)
    print(json.dumps({"people": sorted(people), "invites": dict(found)}))


def _sign_up(client: Client, identity: dict[str, Any]) -> None:
    """Go to the provider, be somebody there, and come back."""
    away = client.post("/accounts/dummy/login/")["Location"]
    assert client.post(away, identity).status_code == 302


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.flows.social_settings"
    main()
