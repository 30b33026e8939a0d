from datetime import timedelta

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


def ticket_of(program: Program, job: Job) -> str:
    return event_tickets.make(event_tickets.way_of(program.key.pk, program.key.digest), job.pk)


def test_a_key_and_a_ticket_open_the_owners_run() -> None:
    program = make_program()
    job = ordered(program)

    by_key, by_ticket = ask(job, program), ask(job, ticket=ticket_of(program, job))

    for response in (by_key, by_ticket):
        assert isinstance(response, Admitted)
        assert (response.job_id, response.user) == (job.pk, program.user)
        assert (response.state.version, response.state.document["id"]) == ("NEW.0.0-1", str(job.pk))


def test_a_ticket_is_not_counted_again() -> None:
    program = make_program()
    job = ordered(program)

    assert "RateLimit" in ask(job, program).headers
    assert "RateLimit" not in ask(job, ticket=ticket_of(program, job)).headers


def test_a_stranger_is_told_that_nothing_is_there() -> None:
    job, stranger = ordered(make_program()), make_program()

    assert ask(job, stranger).status_code == 404
    assert ask(job, ticket=ticket_of(stranger, job)).status_code == 404


def test_nobody_comes_in_without_a_key_or_with_a_bad_ticket() -> None:
    job = ordered(make_program())

    assert ask(job).status_code == 401
    assert ask(job, ticket="").status_code == 401
    assert ask(job, ticket="x:y:z").status_code == 401


def test_a_ticket_ends_with_its_key() -> None:
    program = make_program()
    job = ordered(program)
    ticket = ticket_of(program, job)

    api_keys.revoke(program.key)

    assert ask(job, ticket=ticket).status_code == 401


def test_a_key_that_may_not_read_may_not_follow() -> None:
    program = make_program(scopes=[Scope.GENERATE])
    job = ordered(program)

    assert ask(job, program).status_code == 403
    assert ask(job, ticket=ticket_of(program, job)).status_code == 403


def test_a_ticket_ends_with_the_text_that_it_was_got_with() -> None:
    program = make_program()
    job = ordered(program)
    before = ticket_of(program, job)

    api_keys.rotate(program.key)
    assert isinstance(ask(job, ticket=before), Admitted)
    api_keys.rotate(program.key, overlap=timedelta())

    assert ask(job, ticket=before).status_code == 401
    assert isinstance(ask(job, ticket=ticket_of(program, job)), Admitted)


def test_a_ticket_works_from_the_networks_of_its_key_alone() -> None:
    here, elsewhere = make_program(allowed_networks=["127.0.0.0/8"]), make_program()
    job, theirs = ordered(here), ordered(elsewhere)
    api_keys.change(elsewhere.key, allowed_networks=["203.0.113.0/24"])

    assert isinstance(ask(job, ticket=ticket_of(here, job)), Admitted)
    refused = ask(theirs, ticket=ticket_of(elsewhere, theirs))
    assert refused.status_code == 403
    assert refused.data["error"]["code"] == "network_not_allowed"
