from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from accounts import switches
from accounts.models import AuditLine, Feature, FeatureSwitch, User
from generation import doorbell
from generation.models import Job, QueueSwitch
from generation.queue_health import measure
from getimg_site import cluster_life
from getimg_site.models import Incident
from tests.factories import make_user
from tests.generation.runs import claim, make_person, submit
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_cache() -> None:
    cache.clear()


@pytest.fixture
def _workers() -> None:
    for cluster in cluster_life.CLUSTERS:
        cluster_life.beat(cluster)


@pytest.mark.usefixtures("_workers")
def test_a_studio_whose_workers_are_idle_works() -> None:
    page = words(visitor().get("/status/"))

    assert "<h1>Everything works</h1>" in page
    assert "No worker is up" not in page
    assert "Showcase" not in page.partition('<ul class="status-list">')[2].partition("</ul>")[0]


def test_a_studio_without_workers_does_not_work() -> None:
    cluster_life.beat(doorbell.COURIER_CLUSTER)
    page = words(visitor().get("/status/"))

    assert "<h1>Not everything works</h1>" in page
    assert page.count("No worker is up") == 4  # pictures, videos, trainings, API


@pytest.mark.usefixtures("_workers")
@pytest.mark.parametrize("feature", Feature)
def test_what_is_switched_off_is_said_with_the_reason(feature: Feature) -> None:
    FeatureSwitch.objects.create(feature=feature, state=FeatureSwitch.State.OFF, reason="We move <b>house.")
    switches.memory.forget()
    page = words(visitor().get("/status/"))
    switches.memory.forget()

    assert "<h1>Working, with parts switched off</h1>" in page
    assert page.count("Switched off. We move &lt;b&gt;house.") == 1


@pytest.mark.usefixtures("_workers")
def test_what_operators_say_stands_on_top_and_what_is_over_below() -> None:
    now, day = timezone.now(), timedelta(days=1)
    mended = Incident.State.MENDED
    Incident.objects.create(title="Slow disks", text="<i>All</i> wait.", started_at=now - day)
    Incident.objects.create(title="Late mail", text="Mail waits.")
    Incident.objects.create(title="Dark hour", text="Gone.", state=mended, started_at=now - day, ended_at=now)
    Incident.objects.create(
        title="Long ago", text="x", state=mended, started_at=now - 92 * day, ended_at=now - 91 * day
    )
    page = words(visitor().get("/status/"))

    assert "<h1>A problem is being looked into</h1>" in page
    assert page.index("Late mail") < page.index("Slow disks") < page.index('"status-list"') < page.index("Dark hour")
    assert "<i>All" not in page
    assert "Long ago" not in page


def test_an_operator_writes_a_notice_and_it_leaves_a_line() -> None:
    operator = visitor(User.objects.create_superuser("root@example.com", "correct horse battery"))
    form = {"title": "Late mail", "text": "Mail waits.", "state": "mended", "started_at_0": "2026-01-02"}
    form |= {"started_at_1": "10:00", "ended_at_0": "", "ended_at_1": ""}
    refused = operator.post("/admin/getimg_site/incident/add/", form)
    assert "What is mended has an end" in words(refused)

    operator.post("/admin/getimg_site/incident/add/", {**form, "state": "investigating"})
    notice = Incident.objects.get()
    line = AuditLine.objects.get(kind__icontains="incident")
    assert (line.verb, line.object_id) == ("add", str(notice.pk))
    assert visitor(make_user()).post("/admin/getimg_site/incident/add/", form).status_code == 302


def test_without_its_database_the_page_still_answers() -> None:
    client = visitor(make_user())
    with connection.execute_wrapper(_away):
        answer = client.get("/status/")

    assert answer.status_code == 503
    assert "The database does not answer" in words(answer)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Retry-After"] == "30"


def _away(*_: object) -> None:
    raise OperationalError("the database is away")


def test_runs_are_counted_and_what_waits_too_long_is_said() -> None:
    job = submit(make_person())
    assert (measure().waiting, measure().running, measure().is_slow) == (1, 0, False)

    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=3))
    cache.clear()
    cluster_life.beat(doorbell.CLUSTER)
    assert measure().is_stalled
    assert "Nothing is being drawn" in words(visitor().get("/status/"))

    claim()
    assert (measure().waiting, measure().running, measure().is_slow) == (0, 1, False)


@pytest.mark.usefixtures("_workers")
def test_paused_trainings_are_said() -> None:
    QueueSwitch.objects.create(queue=doorbell.TRAINING_CLUSTER, is_paused=True)

    assert "Paused by the operator" in words(visitor().get("/status/"))


def test_runs_of_earlier_hours_are_not_counted() -> None:
    submit(make_person())
    Job.objects.update(status=Job.Status.FAILED, finished_at=timezone.now())

    assert measure().failed == 1
