"""An order becomes a run once, whoever pays: credits or a day's free pictures."""

import pytest
from django.db import transaction

from generation import placing
from generation.models import Job
from generation.orders import Order
from generation.params import parse_text_to_image
from generation.pricing import quote
from tests.generation.runs import balance, hold_of, make_person

pytestmark = pytest.mark.django_db


def order_of(key: str = "press") -> Order:
    user = make_person()
    params = parse_text_to_image({"prompt": "a red fox", "num_images": 2})
    return Order(user, params, quote(params), "starter", key)


def test_the_price_and_the_run_are_written_together() -> None:
    order = order_of()
    with transaction.atomic():
        assert placing.place_for_credits(order, order.new_job()) is None
    job = Job.objects.select_related("hold").get()
    assert (job.pk, hold_of(job).credits, balance(order.user)) == (order.id, 2, 98)


def test_the_same_key_is_the_same_run() -> None:
    order = order_of()
    with transaction.atomic():
        placing.place_for_credits(order, order.new_job())
    again = Order(order.user, order.params, order.quote, "starter", order.submit_key)
    with transaction.atomic():
        assert placing.place_for_credits(again, again.new_job()) == Job.objects.get()
    assert balance(order.user) == 98


def test_a_run_without_credits_is_not_written_twice_either() -> None:
    order = order_of()
    with transaction.atomic():
        assert placing.place_for_credits(order, order.new_job()) is None
    again = Order(order.user, order.params, order.quote, "starter", order.submit_key)
    with transaction.atomic():
        assert placing.place_for_test(again, again.new_job()) == Job.objects.get()
