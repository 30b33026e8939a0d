import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import switches
from accounts.models import Feature, FeatureSwitch, User
from billing.models import StripeEvent
from generation.models import Event, Job, WebhookDelivery
from getimg_site import attention, cluster_life
from getimg_site.models import Backup, BugReport, Wish
from tests.generation.api.told import make_endpoint
from tests.generation.runs import make_person, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def roomy_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=attention.LITTLE_DISK))
    _let_live()


def _let_live(*silent: str) -> None:
    cache.clear()
    for cluster in cluster_life.CLUSTERS:
        if cluster not in silent:
            cluster_life.beat(cluster)


def _troubles() -> None:
    ada = make_person()
    BugReport.objects.create(author=ada, text="It hums.")
    BugReport.objects.create(author=ada, text="Still.", state=BugReport.State.DONE)
    Wish.objects.bulk_create(Wish(author=ada, title=f"Wish {number}") for number in range(2))
    StripeEvent.objects.create(
        event_id="evt_1", type="invoice.paid", object_type="invoice", payload={}, status="failed",
        created_at=timezone.now(),
    )  # fmt: skip
    run = submit(ada)
    Job.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(minutes=9))


def test_the_first_page_says_what_waits_and_leads_there(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    assert "Nothing waits." in client.get(reverse("admin:index")).content.decode()
    _troubles()
    _let_live()

    page = client.get(reverse("admin:index"))

    text = page.content.decode()
    for words in ("</strong> bug report is new", "</strong> Stripe event failed", "<strong>2</strong> wishes have"):
        assert words in text
    assert "look whether a worker is up" in text
    for matter in page.context["matters"]:
        assert client.get(matter.url).status_code == 200
        assert client.get(matter.url).context["cl"].result_count == int(matter.count)


def test_webhooks_that_were_never_tried_are_no_matter(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    endpoint = make_endpoint()
    for tries in (0, 11):
        WebhookDelivery.objects.create(
            endpoint=endpoint, event=Event.TEST, status="failed", tries=tries, ended_at=timezone.now()
        )

    (matter,) = client.get(reverse("admin:index")).context["matters"]

    assert (matter.count, client.get(matter.url).context["cl"].result_count) == ("1", 1)


def test_operators_see_what_they_may_deal_with(client: Client) -> None:
    _troubles()
    helper = User.objects.create_user("helper@example.com", "correct horse battery", is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_bugreport"))
    client.force_login(helper)

    matters = client.get(reverse("admin:index")).context["matters"]

    assert [str(matter.text) for matter in matters] == ["bug report is new"]


def test_clusters_without_a_worker_are_said_as_on_the_status_page(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    assert "No worker is up" not in client.get(reverse("admin:index")).content.decode()

    _let_live("gpu", "default")

    page = client.get(reverse("admin:index")).content.decode()
    for words in ("No worker is up for pictures", "No worker is up for credits"):
        assert words in page
    assert "No worker is up for trainings" not in page
    status = client.get(reverse("status"))
    assert [part.name for part in status.context["parts"] if part.words == "No worker is up"] == [
        "Pictures", "Videos", "API", "Webhooks and exports",
    ]  # fmt: skip


def test_trainings_that_are_switched_off_need_no_worker() -> None:
    _let_live("training")
    root = User(is_superuser=True)
    assert [str(matter.text)[:31] for matter in attention.matters(root)] == ["No worker is up for trainings: "]
    FeatureSwitch.objects.create(feature=Feature.TRAINING, state="off", reason="None today.")
    switches.memory.forget()
    _let_live("training")
    assert not attention.matters(root)


def test_little_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2**30))
    (matter,) = attention.matters(User(is_superuser=True))
    assert (str(matter.text), matter.count) == ("free on the disk of DATA_DIR", "1.0\xa0GB")


def test_a_backup_that_is_old_is_said() -> None:
    root = User(is_superuser=True)
    Backup.objects.create(ended_at=timezone.now() - timedelta(hours=47))
    assert not attention.matters(root)
    Backup.objects.update(ended_at=timezone.now() - timedelta(hours=73))
    _let_live()
    (matter,) = attention.matters(root)
    assert (str(matter.text)[:21], matter.count) == ("since the last backup", "3\xa0days")


def test_that_there_was_no_backup_yet_is_said_in_production_alone(settings: LazySettings) -> None:
    root = User(is_superuser=True)
    assert not attention.matters(root)
    settings.PRODUCTION = True
    assert [str(matter.text) for matter in attention.matters(root)] == ["No backup was taken yet"]


def test_all_are_counted_by_one_query_and_kept(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    with django_assert_num_queries(13):
        attention.matters(root)
    with django_assert_num_queries(0):
        attention.matters(root)
