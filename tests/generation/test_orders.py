import pytest

from accounts.ids import uuid7
from accounts.models import ApiKey
from billing.models import Product
from generation import pricing
from generation.models import Job
from generation.orders import Order
from generation.params import parse_text_to_image
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def order(key: ApiKey | None = None) -> Order:
    params = parse_text_to_image({"prompt": "a fox", "num_images": 2})
    return Order(make_user(), params, pricing.quote(params), "starter", "once", api_key=key, id=uuid7())


@pytest.mark.parametrize(
    ("key", "product", "credits"),
    [(None, Product.SITE, 2), (ApiKey(), Product.API, 2), (ApiKey(is_test=True), Product.API, 0)],
)
def test_who_orders_decides_which_wallet_pays_and_how_much(key: ApiKey | None, product: Product, credits: int) -> None:
    job = order(key).new_job()

    assert (job.product, job.credits) == (product, credits)


def test_a_seed_is_drawn_once_where_none_was_given() -> None:
    job = order().new_job()

    assert isinstance(job.params["seed"], int)
    assert job.status == Job.Status.NEW
    assert job._state.adding
