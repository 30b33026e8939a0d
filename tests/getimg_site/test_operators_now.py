"""What goes on right now, on the admin's first page: always there, counted right, for whom it is meant."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generation import doorbell
from generation.models import Job, QueueSwitch
from getimg_site import backups, operators_now
from getimg_site.models import Backup
from tests.generation.runs import claim, make_person, submit
from tests.generation.trainees import make_trainee, ordered
from tests.getimg_site.test_cluster_figures import tell
from tests.visitors import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    return client


def shown(office: Client) -> dict[str, dict[str, str]]:
    """Return the cards as {name: {figure: words}}; each link leads to a page."""
    cards = office.get(reverse("admin:index")).context["now"]
    assert all(office.get(fact.url).status_code == 200 for card in cards for fact in card.facts if fact.url)
    return {card.name: {fact.name: fact.value for fact in card.facts} for card in cards}


def test_while_all_is_well_each_queue_says_so(office: Client) -> None:
    for cluster in ("gpu", "training", "default"):
        tell(cluster, "one")

    found = shown(office)

    for name in ("Pictures, videos and the API", "Trainings"):
        assert found[name] == {"Waiting": "0", "Running": "0", "Oldest wait": "—", "Workers": "1 up, 0 at work"}
    assert found["Mail, webhooks, exports, credits"]["Workers"] == "1 up, 0 at work"
    assert found["Kept safe"]["Last backup"] == "never"
    assert "Right now" in words(office.get(reverse("admin:index")))


def test_runs_that_wait_and_run_are_counted_with_the_oldest_wait_and_the_workers(office: Client) -> None:
    ada = make_person()
    submit(ada)
    claim()
    for age in (timedelta(minutes=5), timedelta(seconds=30)):
        Job.objects.filter(pk=submit(ada).pk).update(queued_at=timezone.now() - age)
    tell("gpu", "one", is_busy=True)
    tell("gpu", "two")
    tell("gpu", "gone", age_seconds=90)

    found = shown(office)["Pictures, videos and the API"]

    assert found == {"Waiting": "2", "Running": "1", "Oldest wait": "5 min", "Workers": "2 up, 1 at work"}


def test_trainings_have_a_queue_of_their_own_and_one_that_is_put_off_waits_for_nobody(office: Client) -> None:
    training = ordered(make_trainee())
    Job.objects.filter(pk=training.pk).update(queued_at=timezone.now() - timedelta(seconds=7))
    QueueSwitch.objects.create(queue="training", is_paused=True)

    assert shown(office)["Trainings"] == {"Waiting": "1", "Running": "0", "Oldest wait": "7 s", "Workers": "none is up"}
    assert "Paused under Queue switches." in words(office.get(reverse("admin:index")))

    Job.objects.filter(pk=training.pk).update(queued_at=timezone.now() + timedelta(minutes=7))
    cache.clear()
    assert shown(office)["Trainings"]["Oldest wait"] == "—"


def test_errands_of_the_default_cluster_are_counted(office: Client) -> None:
    key, now = get_broker(doorbell.COURIER_CLUSTER).list_key, timezone.now()
    OrmQ.objects.all().delete()
    OrmQ.objects.create(key=key, payload="", lock=now - timedelta(hours=3))
    OrmQ.objects.create(key=key, payload="", lock=now + timedelta(hours=1))
    OrmQ.objects.create(key="gpu", payload="", lock=now)

    found = shown(office)["Mail, webhooks, exports, credits"]

    assert (found["Waiting"], found["In hand"], found["Oldest wait"]) == ("1", "1", "3 h")


def test_a_broker_that_is_away_leaves_dashes(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Conf, "ORM", None)
    monkeypatch.setattr(Conf, "REDIS", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(Conf, "BROKER_CLASS", "getimg_site.redis_broker.PatientRedis")

    found = shown(office)["Mail, webhooks, exports, credits"]

    assert (found["Waiting"], found["In hand"], found["Oldest wait"]) == ("—", "—", "—")


def test_the_last_backup_and_the_room_are_told(office: Client) -> None:
    Backup.objects.create(ended_at=timezone.now() - timedelta(hours=5), size_bytes=3 * 2**30)

    assert shown(office)["Kept safe"]["Last backup"] == "5\xa0hours ago, 3.0\xa0GB"
    listed = words(office.get(reverse("admin:getimg_site_backup_changelist")))
    assert "3.0\xa0GB" in listed


def test_supervisors_of_all_hosts_are_listed(office: Client) -> None:
    tell("gpu", "gpu-1", memory_bytes=2 * 2**30, restarts=3)
    listed = words(office.get(reverse("admin:getimg_site_clusterreport_changelist")))
    assert "gpu-1" in listed
    assert "2.0\xa0GB" in listed


@pytest.mark.parametrize(
    ("permission", "names"),
    [
        ("view_bugreport", []),
        ("view_backup", ["Kept safe"]),
        (
            "view_job",
            ["Pictures, videos and the API", "Trainings", "Mail, webhooks, exports, credits", "Kept safe"],
        ),
    ],
)
def test_operators_see_what_is_theirs(client: Client, permission: str, names: list[str]) -> None:
    helper: Any = User.objects.create_user("helper@example.com", "correct horse battery", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(helper)
    cards = client.get(reverse("admin:index")).context["now"]
    assert [card.name for card in cards] == names
    assert all("clusterreport" not in fact.url for card in cards for fact in card.facts)


def test_it_takes_few_queries_and_is_kept(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    backups.note()
    with django_assert_max_num_queries(13):
        operators_now.cards_for(root)
    with django_assert_max_num_queries(0):
        operators_now.cards_for(root)
