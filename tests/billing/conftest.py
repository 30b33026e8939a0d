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


@pytest.fixture
def embedded(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """Let the site sell at its own shop, as TEST_SHOP=1 does, with books of this test's own."""
    from billing.test_shop import mount  # the apps are ready only now

    settings.TEST_SHOP = True
    settings.DATA_DIR = tmp_path
    settings.STRIPE_API_BASE = ""
    settings.STRIPE_SECRET_KEY = "sk_test_embedded_shop"
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_embedded"]
    settings.PORT = 9  # nobody listens there
    mount.embedded_shop.cache_clear()
    yield
    mount.embedded_shop().courier.stop()
    mount.embedded_shop.cache_clear()
