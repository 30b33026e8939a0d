"""The shop that billing's tests buy in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.billing.test_shop import counter


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[counter.OpenShop]:
    """Yield a shop of this test's own, over HTTP. Its letters go out when `control("deliver")` says so."""
    with counter.open_shop(tmp_path) as opened:
        yield opened


@pytest.fixture
def gateway_shop(shop: counter.OpenShop, settings: LazySettings) -> counter.OpenShop:
    """Return the shop that the site's gateway is connected to."""
    settings.STRIPE_SECRET_KEY = counter.KEY
    settings.STRIPE_API_BASE = shop.url
    settings.STRIPE_WEBHOOK_SECRETS = [counter.HOOK_SECRET]
    return shop
