"""Runs of the API with somebody to tell, for tests of webhooks."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from generation import lifecycle, webhooks
from generation.models import Job, WebhookDelivery, WebhookEndpoint
from tests.generation.api.calling import Program, make_program
from tests.generation.runs import claim, pictures


def make_endpoint(user: User | None = None, url: str = "https://hooks.example.com/in", **facts: Any) -> WebhookEndpoint:
    """Return an endpoint of this person, or of a new one."""
    return webhooks.create(user or make_program().user, url=url, **facts)


def ordered(program: Program, **values: Any) -> Job:
    """Return a run that the program has ordered."""
    response = program.post("diffusions", {"prompt": "a red fox", **values})
    assert response.status_code == 201, response.content
    return Job.objects.latest("id")


def finished(program: Program, **values: Any) -> Job:
    """Return a run of the program's that has all its pictures."""
    job = ordered(program, **values)
    taken = claim().jobs[0]
    lifecycle.finish(taken, taken.attempt, pictures(taken, *range(taken.num_images)))
    job.refresh_from_db()
    return job


def let_pauses_pass() -> int:
    """Let every pause before another try be over; returns how many there were."""
    waiting = WebhookDelivery.objects.filter(status="waiting")
    return waiting.update(due_at=timezone.now() - timedelta(seconds=1))
