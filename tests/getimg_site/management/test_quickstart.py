import io
import re
import socket

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests.generation.runs import balance
from tests.processes import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def free_ports(settings: LazySettings) -> None:
    """Another copy may be at work on this machine meanwhile."""
    settings.PORT, settings.EVENTS_PORT = free_port(), free_port()


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


@pytest.mark.parametrize("name", ["PORT", "EVENTS_PORT"])
def test_a_port_that_another_program_has_is_named_before_anything_is_made(settings: LazySettings, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        setattr(settings, name, other.getsockname()[1])

        with pytest.raises(CommandError, match=rf"^{name}: 127\.0\.0\.1:{getattr(settings, name)} "):
            quickstart()

    assert not User.objects.exists()


def test_it_never_makes_a_demo_user_in_production(settings: LazySettings) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        quickstart()

    assert not User.objects.exists()
