import io
import re

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.generation.runs import balance

pytestmark = pytest.mark.django_db


def quickstart() -> str:
    output = io.StringIO()
    call_command("quickstart", stdout=output)
    return output.getvalue()


def test_the_first_start_makes_people_who_can_sign_in_and_says_so_once(client: Client) -> None:
    printed = quickstart()

    passwords = dict(re.findall(r"(\S+@\S+)  password: (\S+)", printed))
    assert set(passwords) == {"demo@example.com", "admin@example.com"}
    for email, password in passwords.items():
        assert client.login(email=email, password=password)
    assert balance(User.objects.get(email="demo@example.com")) == 100
    assert User.objects.get(email="admin@example.com").is_superuser
    assert "password" not in quickstart()


def test_it_never_makes_a_demo_user_in_production(settings: LazySettings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        quickstart()

    assert not User.objects.exists()
