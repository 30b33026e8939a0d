"""The figures on the admin's first page: on their day, for whom they are meant, from few queries, kept a minute."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from billing.plots import Plot
from generation import lifecycle
from generation.models import Job
from getimg_site import operator_figures, worker_time
from tests.billing.books import make_payment
from tests.factories import make_wallet
from tests.generation.runs import claim, finished, make_person, pictures, submit

pytestmark = pytest.mark.django_db

_WORKERS = "GPU use"
_TITLES = [
    "Sign-ups", "Revenue, after refunds", "Credits granted", "Credits spent", "Runs, by how they ended",
    "Failed, by code", "Failed, of those that finished or failed", "Queue: most runs waiting at a time",
    "Wait, until a run is begun", _WORKERS,
]  # fmt: skip


def _a_day() -> None:
    ada = make_person(credits=100)
    finished(ada, num_images=4)
    failed = submit(ada)
    lifecycle.fail(claim().jobs[0], 1, code="out_of_memory", message="It was too large.")
    assert Job.objects.get(pk=failed.pk).status == Job.Status.FAILED
    make_payment(make_wallet(), paid_at=timezone.now())
    User.objects.filter(pk=ada.pk).update(date_joined=timezone.now() - timedelta(days=1))


def test_the_first_page_shows_each_figure_on_its_day(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    _a_day()

    page = client.get(reverse("admin:index"), {"days": "7"})

    shown = {plot.title: plot for plot in page.context["home"].plots}
    assert list(shown) == _TITLES
    today = {title: plot.bars[-1].text for title, plot in shown.items()}
    assert len(shown["Sign-ups"].bars) == 7
    assert [bar.text for bar in shown["Sign-ups"].bars[-2:]] == ["1", "2"]
    assert (today["Revenue, after refunds"], today["Credits granted"], today["Credits spent"]) == ("$20", "5,100", "4")
    assert today["Runs, by how they ended"] == "Finished 1, Failed 1, Canceled 0"
    assert today["Failed, by code"] == "out_of_memory 1"
    assert today["Failed, of those that finished or failed"] == "50%"
    assert "95 % waited at most" in today["Wait, until a run is begun"]
    (code,) = page.context["home"].codes
    assert (code.code, code.count) == ("out_of_memory", 1)
    assert client.get(code.url).context["cl"].result_count == 1


def test_revenue_is_shown_in_every_currency_that_was_paid(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    cache.clear()
    wallet, now = make_wallet(), timezone.now()
    make_payment(wallet, paid_at=now, amount_cents=500)
    make_payment(wallet, paid_at=now, amount_cents=700, currency="eur")
    make_payment(wallet, paid_at=now - timedelta(days=200), amount_cents=900, currency="gbp")

    plots = client.get(reverse("admin:index"), {"days": "7"}).context["home"].plots

    shown = [(plot.title, plot.bars[-1].text) for plot in plots if plot.title.startswith("Revenue")]
    assert shown == [
        ("Revenue, after refunds (EUR)", "€7"), ("Revenue, after refunds (GBP)", "£0"),
        ("Revenue, after refunds (USD)", "$5"),
    ]  # fmt: skip
    assert [plot.title for plot in plots].count("Credits granted") == 1


def _drawn(began: datetime, seconds: float) -> None:
    with time_machine.travel(began, tick=False):
        submit(make_person(f"{began:%d}@example.com", credits=100))
        job = claim().jobs[0]
    with time_machine.travel(began + timedelta(seconds=seconds), tick=False):
        lifecycle.finish(job, 1, pictures(job, 0))


def _shown_of_workers(now: datetime) -> Plot:
    root = User.objects.create_superuser(f"{now:%s}@example.com", "correct horse battery")
    with time_machine.travel(now, tick=False):
        return next(plot for plot in operator_figures.figures_for(root, "7").plots if plot.title == _WORKERS)


def test_the_workers_of_all_hosts_are_what_drawing_is_a_share_of() -> None:
    now = datetime(2027, 3, 15, 12, tzinfo=UTC)
    cache.clear()
    _drawn(now - timedelta(days=3), 900)
    with time_machine.travel(now - timedelta(days=2), tick=False):
        worker_time.add("gpu", "one", 3600)
        worker_time.add("training", "one", 10**6)
    _drawn(now, 900)
    with time_machine.travel(now, tick=False):
        worker_time.add("gpu", "one", 600)
        worker_time.add("gpu", "one", 1200)
        worker_time.add("gpu", "two", 1800)

    plot = _shown_of_workers(now + timedelta(hours=1))

    # Of the hour that two hosts were up together, a quarter; what was drawn before anybody counted is part of nothing.
    assert [bar.text for bar in plot.bars[-4:]] == [
        "not counted yet", "0% of 1.0 hours", "no worker was up", "25% of 1.0 hours",
    ]  # fmt: skip
    assert plot.summary == "12.5% of 2.0 hours"


def test_no_more_than_all_of_the_time_is_spent_drawing() -> None:
    now = datetime(2027, 3, 15, 0, 30, tzinfo=UTC)
    cache.clear()
    # Most of it was drawn before midnight.
    _drawn(now - timedelta(hours=1), 3600)
    with time_machine.travel(now, tick=False):
        worker_time.add("gpu", "one", 1800)

    assert _shown_of_workers(now + timedelta(minutes=1)).bars[-1].text == "100% of 0.5 hours"


def test_operators_see_the_figures_that_are_theirs(client: Client) -> None:
    helper = User.objects.create_user("helper@example.com", "correct horse battery", is_staff=True)
    client.force_login(helper)
    assert not client.get(reverse("admin:index")).context["home"].plots
    helper.user_permissions.add(Permission.objects.get(codename="view_job"))
    page = client.get(reverse("admin:index"), {"days": "8"})
    assert [plot.title for plot in page.context["home"].plots] == _TITLES[4:]
    assert page.context["home"].days == operator_figures.DEFAULT_SPAN


def test_it_takes_few_queries_and_is_kept(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    cache.clear()
    with django_assert_max_num_queries(14):
        operator_figures.figures_for(root, "90")
    with django_assert_max_num_queries(0):
        operator_figures.figures_for(root, "90")
