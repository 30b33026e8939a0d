"""What operators see of one run, how they find it, and what they may do to it."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditLine, User
from billing.models import LedgerEntry
from generation.models import Job
from tests.generation.runs import balance, finished, make_person, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    return client


def helper(*names: str) -> User:
    person = User.objects.create_user("helper@example.com", "correct horse battery", is_staff=True)
    person.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return person


def page_of(job: Job) -> str:
    return reverse("admin:generation_job_change", args=[job.pk])


@pytest.mark.parametrize("what", ["id", "ref", "user", "address", "code", "nothing"])
def test_runs_are_found_by_what_names_them(operator: Client, what: str) -> None:
    job, other = submit(make_person()), submit(make_person("bob@example.com"))
    Job.objects.filter(pk=job.pk).update(ref="order-7", error_code="out_of_memory")
    asked = {
        "id": str(job.pk), "ref": "order-7", "user": str(job.user_id), "address": "ADA@example.com",
        "code": "out_of_memory", "nothing": "order-8",
    }[what]  # fmt: skip
    found = operator.get(reverse("admin:generation_job_changelist"), {"q": asked}).context["cl"].result_list
    assert [run.pk for run in found] == ([] if what == "nothing" else [job.pk])
    assert other.pk not in {run.pk for run in found}


def test_a_run_is_canceled_from_its_page_with_a_line_in_the_audit_log(operator: Client) -> None:
    ada = make_person(credits=10)
    job = submit(ada, num_images=4)
    url = reverse("admin:generation_job_cancel", args=[job.pk])
    assert operator.get(url).status_code == 405
    assert "Cancel this run" in operator.get(page_of(job)).content.decode()

    operator.post(url)

    job.refresh_from_db()
    assert (job.status, balance(ada)) == (Job.Status.CANCELED, 10)
    assert AuditLine.objects.get(verb="change").object_id == str(job.pk)
    assert "Cancel this run" not in operator.get(page_of(job)).content.decode()


def test_credits_are_given_back_once_with_a_reason(operator: Client) -> None:
    ada = make_person(credits=10)
    job = finished(ada, num_images=4)
    url = reverse("admin:generation_job_refund", args=[job.pk])

    assert "of this run 4 can" in operator.post(url, {"credits": 5, "reason": "Blurred"}).content.decode()
    assert "Leave addresses out" in operator.post(url, {"credits": 3, "reason": "Sorry, ada@b.c"}).content.decode()
    assert balance(ada) == 6
    operator.post(url, {"credits": 3, "reason": "Blurred"})
    again = operator.post(url, {"credits": 1, "reason": "Blurred"})

    assert balance(ada) == 9
    assert "of this run 0 can" in again.content.decode()
    entry = LedgerEntry.objects.get(kind="adjust")
    assert (entry.credits, entry.reason, entry.reference) == (3, "Blurred", job.reference)
    assert AuditLine.objects.get(verb="change").note == "3 credits given back: Blurred"
    page = operator.get(page_of(job)).content.decode()
    assert "Adjusted: 3 credits" in page
    assert "Give credits back" not in page


def test_a_run_that_goes_on_has_nothing_to_give_back(operator: Client) -> None:
    job = submit(make_person(credits=10))
    operator.post(reverse("admin:generation_job_refund", args=[job.pk]), {"credits": 1, "reason": "Early"})
    assert not LedgerEntry.objects.filter(kind="adjust").exists()


def test_each_may_do_what_is_theirs(client: Client) -> None:
    ada = make_person(credits=10)
    job = finished(ada)
    assert client.get(page_of(job)).status_code == 302
    client.force_login(helper())
    assert client.get(page_of(job)).status_code == 403
    client.force_login(User.objects.get(email="helper@example.com"))
    User.objects.get(email="helper@example.com").user_permissions.add(Permission.objects.get(codename="view_job"))
    assert client.get(page_of(job)).status_code == 200
    for verb in ("cancel", "refund"):
        assert client.post(reverse(f"admin:generation_job_{verb}", args=[job.pk])).status_code == 403
    assert client.get(reverse("admin:generation_job_change", args=["nothing"])).status_code == 404
