import pytest

from generation import lifecycle
from tests.generation.api.calling import PROMPT, api_balance, make_program
from tests.generation.runs import claim, pictures

pytestmark = pytest.mark.django_db


def test_what_waits_can_be_canceled_and_costs_nothing() -> None:
    program = make_program(credits=10)
    made = program.post("diffusions", PROMPT).json()["id"]

    response = program.post(f"diffusions/{made}/cancel")

    assert (response.status_code, response.json()["status"]) == (200, "CANCELED")
    assert api_balance(program.user) == 10


def test_canceling_again_changes_nothing() -> None:
    program = make_program()
    made = program.post("diffusions", PROMPT).json()["id"]

    first, second = (program.post(f"diffusions/{made}/cancel") for _ in range(2))

    assert first.json() == second.json()


def test_pictures_that_are_there_are_kept_and_charged() -> None:
    program = make_program(credits=10)
    made = program.post("diffusions", {**PROMPT, "numImages": 4}).json()["id"]
    job = claim().jobs[0]
    lifecycle.deliver(job, job.attempt, pictures(job, 0))

    answer = program.post(f"diffusions/{made}/cancel").json()

    assert (answer["status"], len(answer["images"]), answer["cost"]["charged"]) == ("CANCELED", 1, 1)
    assert api_balance(program.user) == 9


def test_what_has_finished_can_not_be_canceled() -> None:
    program = make_program()
    made = program.post("diffusions", PROMPT).json()["id"]
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))

    response = program.post(f"diffusions/{made}/cancel")

    assert response.status_code == 409
    assert response.json()["error"]["code"] == "already_ended"
