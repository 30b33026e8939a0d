import time
import uuid
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from generation import housekeeping, lifecycle, progress, shelving
from generation.models import Image, Job
from tests.generation.api.calling import PROMPT, Program, api_balance, make_program
from tests.generation.runs import claim, make_person, pictures, submit

pytestmark = pytest.mark.django_db


def order(program: Program, **body: object) -> str:
    """Order pictures and return the id."""
    return str(program.post("diffusions", {**PROMPT, **body}).json()["id"])


def draw(*indexes: int) -> Job:
    """End the run whose turn it is with these pictures."""
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, *indexes))
    return job


def test_alternatives_are_chosen_a_picture_and_said_with_it() -> None:
    program = make_program()
    made = order(program, prompt="a {red|green|blue} __animal__", numImages=8, seed=9)
    draw(*range(8))

    answer = program.get(f"diffusions/{made}").json()

    prompts = [output["prompt"] for output in answer["outputs"]]
    assert answer["params"]["prompt"] == "a {red|green|blue} __animal__"
    assert len(set(prompts)) > 1
    assert not any(sign in prompt for prompt in prompts for sign in "{|}_")
    assert Job.objects.get(pk=made).words_of(3) == [prompts[3], ""]


def test_a_finished_run_lists_its_pictures_as_the_guide_says() -> None:
    program = make_program()
    made = order(program, numImages=2, seed=9)
    draw(1, 0)

    answer = program.get(f"diffusions/{made}").json()

    assert answer["status"] == "FINISHED"
    assert answer["finishedAt"] > answer["createdAt"]
    assert answer["images"] == [output["url"] for output in answer["outputs"]]
    assert [output["seed"] for output in answer["outputs"]] == [9, 10]
    assert all(url.startswith("http://") for url in answer["images"])
    assert answer["cost"] == {"credits": 2, "charged": 2, "perImage": 1}
    assert answer["progress"] == {"step": answer["params"]["steps"], "of": answer["params"]["steps"], "percent": 100}
    assert answer["error"] is None


def test_each_picture_says_what_it_shows() -> None:
    program = make_program()
    made = order(program, prompt="a red fox", numImages=2)
    draw(0, 1)
    shelving.describe(Image.objects.get(index=1), "A fox looks up.")

    outputs = program.get(f"diffusions/{made}").json()["outputs"]

    assert [output["altText"] for output in outputs] == ["a red fox", "A fox looks up."]


def test_a_running_run_says_how_far_it_is() -> None:
    program = make_program()
    made = order(program)
    job = claim().jobs[0]
    progress.Reporter(job.pk, images=1).step(5, 25, 1)

    answer = program.get(f"diffusions/{made}").json()

    assert answer["status"] == "PROCESSING"
    assert answer["progress"] == {"step": 5, "of": 25, "percent": 20}
    assert answer["images"] == []


def test_a_waiting_run_says_how_many_came_before() -> None:
    program = make_program()
    first, second = order(program), order(program)

    assert program.get(f"diffusions/{first}").json()["queuePosition"] == 1
    assert program.get(f"diffusions/{second}").json()["queuePosition"] == 2


def test_a_failed_run_says_why() -> None:
    program = make_program(credits=10)
    made = order(program)
    job = claim().jobs[0]
    lifecycle.fail(job, job.attempt, code="out_of_memory", message="Too large.")

    answer = program.get(f"diffusions/{made}").json()

    assert answer["status"] == "FAILED"
    assert (answer["error"]["code"], answer["error"]["message"]) == ("out_of_memory", "Too large.")
    assert answer["error"]["docUrl"].endswith("/docs/errors/#out_of_memory")
    assert api_balance(program.user) == 10


def test_a_strangers_run_looks_like_none_for_every_method() -> None:
    program, stranger = make_program(), make_program()
    made, nothing = order(program), str(uuid.uuid4())

    def ask(diffusion_id: str) -> list[tuple[int, bytes]]:
        path = f"diffusions/{diffusion_id}"
        answers = [stranger.get(path), stranger.get(path, Prefer="wait=5"), stranger.post(f"{path}/cancel")]
        return [(answer.status_code, answer.content) for answer in [*answers, stranger.delete(path)]]

    assert ask(made) == ask(nothing)
    assert {status for status, _ in ask(made)} == {404}
    assert Job.objects.get().status == "NEW"


@pytest.mark.parametrize("is_test", [True, False])
def test_a_run_of_the_other_kind_of_key_looks_like_none(is_test: bool) -> None:
    program = make_program(is_test=is_test)
    other = make_program(user=program.user, is_test=not is_test)
    made = order(other)
    path = f"diffusions/{made}"

    answers = [program.get(path), program.get(f"{path}/events"), program.post(f"{path}/cancel"), program.delete(path)]

    missing = program.get(f"diffusions/{uuid.uuid4()}")
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, missing.content)}
    assert program.get("diffusions").json()["data"] == []
    assert [one["id"] for one in other.get("diffusions").json()["data"]] == [made]


@pytest.mark.parametrize("text", ["1", "x" * 300, "%00", "636f02e32df111ee91ebba334091ec99", "..", "{ID}"])
def test_what_is_no_id_is_404(text: str) -> None:
    assert make_program().get(f"diffusions/{text}").status_code == 404


def test_a_run_of_the_site_is_none_of_the_apis() -> None:
    person = make_person()
    program = make_program(user=person)

    assert program.get(f"diffusions/{submit(person).pk}").status_code == 404


def test_without_a_key_nothing_is_said() -> None:
    program = make_program()
    made = order(program)
    signed_in = Client()
    signed_in.force_login(program.user)

    response = signed_in.get(f"/v1/diffusions/{made}")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "missing_api_key"


def test_looking_takes_three_queries_at_most(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    program = make_program()
    made = order(program, numImages=4)

    with django_assert_max_num_queries(3):
        program.get(f"diffusions/{made}")
    draw(0, 1, 2, 3)
    with django_assert_max_num_queries(3):
        assert len(program.get(f"diffusions/{made}").json()["images"]) == 4


def test_who_prefers_to_wait_gets_what_has_ended_at_once() -> None:
    program = make_program()
    made = order(program)
    draw(0)
    started = time.monotonic()

    response = program.get(f"diffusions/{made}", Prefer="wait=30")

    assert response.json()["status"] == "FINISHED"
    assert response.headers["Preference-Applied"] == "wait=30"
    assert time.monotonic() - started < 10


# --- DELETE ----------------------------------------------------------------------------------------------------


def test_what_was_deleted_is_gone_and_stays_charged() -> None:
    program = make_program(credits=10)
    made = order(program, numImages=2)
    draw(0, 1)

    assert program.delete(f"diffusions/{made}").status_code == 204

    assert program.get(f"diffusions/{made}").status_code == 404
    assert program.delete(f"diffusions/{made}").status_code == 404
    assert program.get("diffusions").json()["data"] == []
    assert api_balance(program.user) == 8
    assert housekeeping.purge_api_pictures() == 2
    assert not Image.objects.filter(purged_at__isnull=True).exists()
    assert Job.objects.count() == 1


def test_deleting_what_waits_cancels_it() -> None:
    program = make_program(credits=10)
    made = order(program)

    program.delete(f"diffusions/{made}")

    assert Job.objects.get().status == "CANCELED"
    assert api_balance(program.user) == 10


def test_pictures_say_until_when_they_are_kept(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS = 30
    program = make_program()
    made = order(program)
    draw(0)

    (output,) = program.get(f"diffusions/{made}").json()["outputs"]

    kept = datetime.fromisoformat(output["deletesAt"]) - Image.objects.get().created_at
    assert abs(kept - timedelta(days=30)) < timedelta(seconds=1)
