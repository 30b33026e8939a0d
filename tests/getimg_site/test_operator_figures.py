"""The figures on the admin's first page: on their day, for whom they are meant, from few queries, kept a minute."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generation import lifecycle
from generation.models import Job
from getimg_site import operator_figures
from tests.billing.books import make_payment
from tests.factories import make_wallet
from tests.generation.runs import claim, finished, make_person, submit

pytestmark = pytest.mark.django_db

_TITLES = [
    "Sign-ups", "Revenue, after refunds", "Credits granted", "Credits spent", "Runs, by how they ended",
    "Failed, by code", "Failed, of those that finished or failed", "Queue: most runs waiting at a time",
    "Wait, until a run is begun", "Drawing, of the time of GPU workers (1)",
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
    with django_assert_max_num_queries(12):
        operator_figures.figures_for(root, "90")
    with django_assert_max_num_queries(0):
        operator_figures.figures_for(root, "90")
