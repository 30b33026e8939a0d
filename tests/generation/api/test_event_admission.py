import pytest
from django.test import RequestFactory
from rest_framework.response import Response

from accounts import api_keys
from accounts.models import Scope
from generation.api import event_tickets
from generation.api.event_admission import Admission, Admitted
from generation.models import Job
from tests.generation.api.calling import Program, make_program
from tests.generation.api.told import ordered

pytestmark = pytest.mark.django_db


def ask(job: Job, program: Program | None = None, ticket: str | None = None) -> Response:
    headers = {"Authorization": f"Bearer {program.text}"} if program else {}
    query = {} if ticket is None else {"ticket": ticket}
    request = RequestFactory().get(f"/v1/diffusions/{job.pk}/events", query, headers=headers)
    response = Admission.as_view()(request, diffusion_id=str(job.pk))
    assert isinstance(response, Response)
    return response


def test_a_key_and_a_ticket_open_the_owners_run() -> None:
    program = make_program()
    job = ordered(program)

    by_key, by_ticket = ask(job, program), ask(job, ticket=event_tickets.make(program.key.pk, job.pk))

    for response in (by_key, by_ticket):
        assert isinstance(response, Admitted)
        assert (response.job_id, response.user) == (job.pk, program.user)
        assert (response.state.version, response.state.document["id"]) == ("NEW.0.0", str(job.pk))


def test_a_ticket_is_not_counted_again() -> None:
    program = make_program()
    job = ordered(program)

    assert "RateLimit" in ask(job, program).headers
    assert "RateLimit" not in ask(job, ticket=event_tickets.make(program.key.pk, job.pk)).headers


def test_a_stranger_is_told_that_nothing_is_there() -> None:
    job, stranger = ordered(make_program()), make_program()

    assert ask(job, stranger).status_code == 404
    assert ask(job, ticket=event_tickets.make(stranger.key.pk, job.pk)).status_code == 404


def test_nobody_comes_in_without_a_key_or_with_a_bad_ticket() -> None:
    job = ordered(make_program())

    assert ask(job).status_code == 401
    assert ask(job, ticket="").status_code == 401
    assert ask(job, ticket="x:y:z").status_code == 401


def test_a_ticket_ends_with_its_key() -> None:
    program = make_program()
    job = ordered(program)
    ticket = event_tickets.make(program.key.pk, job.pk)

    api_keys.revoke(program.key)

    assert ask(job, ticket=ticket).status_code == 401


def test_a_key_that_may_not_read_may_not_follow() -> None:
    program = make_program(scopes=[Scope.GENERATE])
    job = ordered(program)

    assert ask(job, program).status_code == 403
    assert ask(job, ticket=event_tickets.make(program.key.pk, job.pk)).status_code == 403
