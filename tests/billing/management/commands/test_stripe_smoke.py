from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from tests.billing.test_shop.counter import OpenShop

pytestmark = pytest.mark.django_db


def test_the_command_reports_each_step(gateway_shop: OpenShop) -> None:
    out = StringIO()
    call_command("stripe_smoke", stdout=out)
    assert "ok      renew when the month is over" in out.getvalue()


def test_the_command_fails_where_a_step_does(gateway_shop: OpenShop) -> None:
    gateway_shop.control("weather", down=True)
    with pytest.raises(CommandError, match="see above"):
        call_command("stripe_smoke", stdout=StringIO())


def test_the_command_refuses_a_live_key(settings: LazySettings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_live_something_long"
    with pytest.raises(CommandError, match="not a test key"):
        call_command("stripe_smoke", stdout=StringIO())
