import io

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from generation import webhooks
from tests.generation.api.told import make_endpoint

pytestmark = pytest.mark.django_db

OLD, NEW = "old " * 10, "new " * 10


def reseal() -> str:
    output = io.StringIO()
    call_command("reseal_secrets", stdout=output)
    return output.getvalue()


def test_after_it_the_old_key_can_be_dropped(settings: LazySettings) -> None:
    settings.SEALING_KEYS = [OLD]
    endpoint, rotated = make_endpoint(), make_endpoint()
    first, second = rotated.secret, webhooks.rotate(rotated)
    secret = endpoint.secret

    settings.SEALING_KEYS = [NEW, OLD]
    assert "2 webhook endpoints were sealed anew.\n" in reseal()
    assert "0 webhook endpoints were sealed anew.\n" in reseal()

    settings.SEALING_KEYS = [NEW]
    endpoint.refresh_from_db()
    rotated.refresh_from_db()
    assert endpoint.secret == secret
    assert rotated.previous_secret_until is not None
    assert rotated.secrets_at(rotated.created_at) == [second, first]


def test_one_that_no_key_opens_keeps_no_other_from_it(settings: LazySettings) -> None:
    settings.SEALING_KEYS = ["gone " * 10]
    lost = make_endpoint()
    settings.SEALING_KEYS = [OLD]
    make_endpoint()

    settings.SEALING_KEYS = [NEW, OLD]

    assert "1 webhook endpoints were sealed anew.\n" in reseal()
    webhooks.rotate(lost)
    assert lost.secret.startswith("whsec_")
