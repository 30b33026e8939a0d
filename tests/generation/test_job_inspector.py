"""One run as operators look into it: all that happened, in its order, and what it belongs to."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from generation import lifecycle
from generation.job_inspector import inspect
from generation.models import Job, JobInput, ModerationCase, WebhookAttempt, WebhookDelivery
from tests.generation.api.told import make_endpoint
from tests.generation.runs import claim, make_person, pictures, submit

pytestmark = pytest.mark.django_db


def a_run_with_everything() -> Job:
    ada = make_person(credits=10)
    job = submit(ada, num_images=2)
    lost = claim("w0").jobs[0]
    Job.objects.filter(pk=job.pk).update(lease_expires_at="2020-01-01T00:00:00Z", ref="order-7")
    assert [again.pk for again in lifecycle.reap()] == [job.pk]
    assert lost.attempt == 1
    again = claim("w1").jobs[0]
    lifecycle.finish(again, 2, pictures(job, 0, 1))
    told = WebhookDelivery.objects.create(endpoint=make_endpoint(ada), event="diffusion.finished", job=job)
    WebhookAttempt.objects.create(delivery=told, started_at=job.created_at, milliseconds=9, status_code=503)
    ModerationCase.objects.create(user=ada, kind="prompt", action="flagged", category="gore", job=job)
    child = submit(ada)
    JobInput.objects.create(
        job=child, role="image", kind="image", origin=job, source_id=job.pk, width=128, height=128
    )  # fmt: skip
    return Job.objects.get(pk=job.pk)


def test_a_run_tells_everything_in_its_order(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    job = a_run_with_everything()

    page = client.get(reverse("admin:generation_job_change", args=[job.pk]))

    run = page.context["run"]
    told = [moment.what for moment in run.moments]
    order = [
        "Submitted", "Set aside: 2 credits", "Attempt 1 claimed and begun", "Attempt 1 failed: worker_lost",
        "Attempt 2 claimed and begun", "Finished",
    ]  # fmt: skip
    assert [what for what in told if what in order] == order
    for more in ("Spent: 2 credits", "Picture 2 stored", "Webhook diffusion.finished: 503"):
        assert more in told
    assert any(what.startswith("Moderation: let through") for what in told)
    text = page.content.decode()
    for words in ("ada@example.com", "order-7", "a red fox", "price list", "w1#", "Went on as", "2 of 2"):
        assert words in text
    assert [term.name for term in run.terms][:2] == ["Model", "Tool"]
    child = run.children[0]
    assert "Began from" in client.get(child.url).content.decode()


def test_a_price_of_an_older_list_is_not_taken_apart_by_todays() -> None:
    job, operator = submit(make_person()), make_person("root@example.com")
    assert inspect(job, operator).terms
    job.pricing_version += 1
    assert inspect(job, operator).terms == ()
