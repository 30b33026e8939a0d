"""What is for sale in these tests' shop, and who buys."""

import pytest

from tests.billing.test_shop import journeys
from tests.billing.test_shop.counter import OpenShop
from tests.billing.test_shop.journeys import Catalog


@pytest.fixture
def catalog(shop: OpenShop) -> Catalog:
    return journeys.stock(shop)


@pytest.fixture
def customer(shop: OpenShop) -> str:
    return str(shop.v1.customers.create({"email": "ada@example.com", "name": "Ada"}).id)
