"""How long pictures are kept: the same answer for one of them and, in SQL, for all."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing import ledger
from billing.models import Plan, Product, Wallet
from generation import retention
from generation.models import Image, Job
from generation.retention import Keeping
from tests.generation.pictures import put_on
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def person(plan: str = "free", **facts: datetime | None) -> User:
    """Return somebody on a plan, with these facts on the wallet."""
    user = make_person(f"person{User.objects.count()}@example.com")
    put_on(user, plan)
    Wallet.objects.filter(user=user).update(**{"plan_since": None, "pictures_kept_until": None, **facts})
    return user


def picture(user: User, made_at: datetime, restored_at: datetime | None = None) -> Image:
    """Return a picture of theirs, with what keeping asks of."""
    image = finished(user, num_images=1).images.get()
    Image.objects.filter(pk=image.pk).update(created_at=made_at, restored_at=restored_at)
    return retention.with_wallets(Image.objects.filter(pk=image.pk).select_related("job")).get()


def kept_until(image: Image) -> datetime | None:
    keeping = retention.keeping_of(image)
    until = keeping.until if keeping else None
    assert retention.first_end(image.user, Image.objects.filter(pk=image.pk)) == until
    return until


def is_over(image: Image) -> bool:
    return any(
        Image.objects.filter(retention.over(plan, NOW), pk=image.pk).exists() for plan in retention.limited_plans()
    )


def test_on_the_free_plan_a_picture_is_kept_for_ninety_days() -> None:
    user = person()

    assert kept_until(picture(user, ago(10))) == ago(10) + timedelta(days=90)
    assert is_over(picture(user, ago(90.01)))
    assert not is_over(picture(user, ago(89.99)))


@pytest.mark.parametrize("plan", ["starter", "pro", "studio"])
def test_on_a_paid_plan_it_is_kept_as_long_as_the_plan_lasts(plan: str) -> None:
    user = person(plan)

    assert kept_until(picture(user, ago(4000))) is None
    assert not is_over(picture(user, ago(4000)))


def test_who_left_a_paid_plan_has_the_free_plans_days_from_then_on() -> None:
    user = person(plan_since=ago(30))

    assert kept_until(picture(user, ago(400))) == ago(30) + timedelta(days=90)
    assert not is_over(picture(user, ago(400)))


def test_what_the_plan_before_promised_counts() -> None:
    user = person(plan_since=ago(200), pictures_kept_until=ago(-5))

    assert kept_until(picture(user, ago(400))) == ago(-5)
    assert not is_over(picture(user, ago(400)))


def test_one_that_was_brought_back_is_kept_for_a_month_from_then() -> None:
    user = person()

    assert kept_until(picture(user, ago(91), ago(1))) == ago(1) + timedelta(days=30)
    assert kept_until(picture(user, ago(40), ago(39))) == ago(40) + timedelta(days=90)
    assert kept_until(picture(person("pro"), ago(400), ago(39))) is None


def test_the_rule_in_sql_is_the_rule() -> None:
    moments = (None, ago(91), ago(90), ago(89), ago(1), ago(-1))
    restored = (None, ago(30), ago(29))
    for since, promised, made_at in product(moments, moments, (ago(91), ago(90), ago(89))):
        user = person(plan_since=since, pictures_kept_until=promised)
        for restored_at in restored:
            image = picture(user, made_at, restored_at)
            until = kept_until(image)
            assert until is not None
            assert is_over(image) == (until <= NOW), (since, promised, made_at, restored_at)


def test_another_plans_days_count_for_its_people_alone() -> None:
    user, other = person("starter"), person()
    Plan.objects.filter(pk="starter").update(retention_days=7)

    assert is_over(picture(user, ago(8)))
    assert not is_over(picture(other, ago(8)))
    wallet = ledger.wallet_of(user)
    assert wallet.plan is not None
    assert kept_until(picture(user, ago(8))) == ago(1)


@pytest.mark.parametrize(("days", "is_near"), [(15.5, False), (14.5, True), (1.5, True), (0.5, True), (-0.5, True)])
def test_a_picture_says_the_day_and_near_it_how_many_are_left(days: float, is_near: bool) -> None:
    with time_machine.travel(NOW, tick=False):
        keeping = Keeping(ago(-days), is_api=False)

        assert keeping.is_near is is_near
        assert keeping.days_left == max(0, int(days))


def test_pictures_bring_what_is_asked_about_their_keeping_in_their_own_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    free, paying = person(), person("pro")
    for user in (free, paying):
        Image.objects.filter(user=user, job=finished(user, num_images=1)).update(created_at=ago(10))
    of_api = finished(free, num_images=1)
    Job.objects.filter(pk=of_api.pk).update(product=Product.API)
    Image.objects.filter(job=of_api).update(created_at=ago(3))
    ledger.wallet_of(free, Product.API)
    images = retention.with_wallets(Image.objects.select_related("job")).order_by("pk")

    with django_assert_num_queries(1):
        keepings = [retention.keeping_of(image) for image in images]

    assert keepings == [Keeping(ago(10) + timedelta(days=90), False), None, Keeping(ago(3) + timedelta(days=30), True)]


def test_a_picture_of_somebody_without_a_wallet_is_kept() -> None:
    image = finished(person(), num_images=1).images.get()
    Wallet.objects.all().update(product="none")

    assert retention.keeping_of(retention.with_wallets(Image.objects.filter(pk=image.pk)).get()) is None
