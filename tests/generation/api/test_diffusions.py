import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import test_allowance
from generation import lifecycle
from generation.models import CustomModel, Job
from tests.generation.api.calling import PROMPT, Program, api_balance, make_program
from tests.generation.runs import claim, make_person, pictures, submit
from tests.generation.trained import lora_file, ready

pytestmark = pytest.mark.django_db


def finish(program: Program, **body: object) -> Job:
    """Order, and have it drawn."""
    program.post("diffusions", {**PROMPT, **body})
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, *range(job.num_images)))
    return job


# --- POST ------------------------------------------------------------------------------------------------------


def test_a_post_is_answered_as_the_guide_says() -> None:
    program = make_program(credits=10)

    response = program.post("diffusions", PROMPT)

    answer = response.json()
    assert response.status_code == 201
    assert answer["status"] == "NEW"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["createdAt"])
    assert (answer["model"], answer["servedBy"]) == ("midjourney", "starter")
    assert str(Job.objects.get().pk) == answer["id"]


def test_the_apis_wallet_pays_and_the_sites_does_not() -> None:
    program = make_program(credits=10, user=make_person(credits=50))

    cost = program.post("diffusions", {**PROMPT, "numImages": 4}).json()["cost"]

    assert cost == {"credits": 4, "charged": 0, "perImage": 1}
    assert api_balance(program.user) == 6
    assert Job.objects.get().product == "api"


def test_every_parameter_of_the_site_can_be_sent() -> None:
    program = make_program()
    sent = {
        "prompt": "a fox",
        "task": "text-to-image",
        "model": "starter",
        "negativePrompt": "rain",
        "width": 160,
        "height": 96,
        "numImages": 3,
        "steps": 30,
        "guidanceScale": 5.5,
        "scheduler": "euler",
        "seed": 7,
        "ref": "order 17",
    }

    answer = program.post("diffusions", sent).json()

    assert answer["ref"] == "order 17"
    named = {name: value for name, value in sent.items() if name not in {"task", "model", "ref"}}
    assert answer["params"] == named


@pytest.mark.parametrize(
    ("body", "param", "code", "words"),
    [
        ({"model": "midjourney"}, "prompt", "missing_field", "Describe"),
        ({**PROMPT, "numImages": 11}, "numImages", "invalid_value", "from 1 to 10"),
        ({**PROMPT, "steps": 0}, "steps", "invalid_value", "from 1 to 100"),
        ({**PROMPT, "width": 97}, "width", "invalid_value", "multiple of 32"),
        ({**PROMPT, "guidanceScale": 99}, "guidanceScale", "invalid_value", "from 0 to 20"),
        ({**PROMPT, "seed": 2**32}, "seed", "invalid_value", "from 0 to"),
        ({**PROMPT, "model": "midjorney"}, "model", "unknown_model", "Did you mean “midjourney”"),
        ({"prompt": "a n.u.d.e woman"}, "prompt", "content_policy", "“nude”. Nothing was charged."),
        ({"prompt": "a nude woman"}, "prompt", "content_policy", "/settings/refusals/"),
        ({**PROMPT, "model": "openjourney"}, "model", "model_unavailable", "not installed"),
    ],
)
def test_what_is_out_of_bounds_is_refused_and_costs_nothing(
    body: dict[str, object], param: str, code: str, words: str
) -> None:
    program = make_program(credits=10)

    response = program.post("diffusions", body)

    answer = response.json()
    assert response.status_code == 400
    assert (answer["error"]["param"], answer["error"]["code"]) == (param, code)
    assert words in answer["detail"]
    assert api_balance(program.user) == 10


def test_too_few_credits_are_402() -> None:
    response = make_program(credits=3).post("diffusions", {**PROMPT, "numImages": 4})

    assert response.status_code == 402
    assert "costs 4 API credits and you have 3" in response.json()["detail"]


def test_a_key_that_may_spend_no_more_is_402() -> None:
    program = make_program(daily_cap=2)
    program.post("diffusions", {**PROMPT, "numImages": 2})

    response = program.post("diffusions", PROMPT)

    assert response.status_code == 402
    assert response.json()["error"]["code"] == "spend_cap_reached"


def test_a_full_queue_is_429_with_the_time_to_come_back(settings: LazySettings) -> None:
    settings.API_JOBS_WAITING_MAX = 1
    program = make_program()
    program.post("diffusions", PROMPT)

    response = program.post("diffusions", PROMPT)

    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


def test_what_waits_on_the_site_takes_no_place_from_the_api(settings: LazySettings) -> None:
    settings.API_JOBS_WAITING_MAX = 1
    person = make_person()
    submit(person)

    assert make_program(user=person).post("diffusions", PROMPT).status_code == 201


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_post_takes_five_queries_at_most() -> None:
    program = make_program()
    program.post("diffusions", PROMPT)

    with CaptureQueriesContext(connection) as queries:
        program.post("diffusions", PROMPT, Idempotency_Key="a")

    # Beginning, end and the bell read and write no table.
    # Of a prepared statement there is no text.
    texts = [query["sql"] or "a prepared statement" for query in queries]
    asked = [text for text in texts if not re.match("BEGIN|COMMIT|SELECT pg_notify", text)]
    assert len(asked) <= 5, "\n".join(asked)


# --- Test keys -------------------------------------------------------------------------------------------------


def test_a_test_key_costs_nothing_and_draws_with_the_starter_model() -> None:
    program = make_program(credits=0, is_test=True)

    answer = program.post("diffusions", {**PROMPT, "model": "openjourney"}).json()

    assert (answer["model"], answer["servedBy"], answer["isTest"]) == ("openjourney", "starter", True)
    assert answer["cost"]["credits"] == 0
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))
    assert program.get(f"diffusions/{answer['id']}").json()["status"] == "FINISHED"


def test_a_test_key_has_so_many_pictures_a_day() -> None:
    program = make_program(credits=0, is_test=True)
    for number in (10, 10, 5):
        assert program.post("diffusions", {**PROMPT, "numImages": number}).status_code == 201

    response = program.post("diffusions", PROMPT)

    assert response.status_code == 429
    assert response.json()["error"]["code"] == "test_allowance_used_up"
    assert 0 < int(response.headers["Retry-After"]) <= 86_400


def test_a_test_request_that_is_repeated_takes_no_more_pictures() -> None:
    program = make_program(credits=0, is_test=True)

    ids = {program.post("diffusions", PROMPT, Idempotency_Key="a").json()["id"] for _ in range(3)}

    assert len(ids) == 1
    assert test_allowance.left(program.user) == test_allowance.PICTURES_A_DAY - 1


# --- Idempotency-Key -------------------------------------------------------------------------------------------


def test_the_same_key_and_body_have_the_same_answer_and_one_charge() -> None:
    program = make_program(credits=10)
    first = program.post("diffusions", PROMPT, Idempotency_Key="a")
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))

    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        second = program.post("diffusions", dict(reversed(PROMPT.items())), Idempotency_Key="a")

    assert (second.status_code, second.content) == (201, first.content)
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert api_balance(program.user) == 9


@pytest.mark.parametrize("change", [{"prompt": "another"}, {"numImages": 2}, {"ref": "x"}])
def test_another_body_under_the_same_key_is_409(change: dict[str, object]) -> None:
    program = make_program(credits=10)
    program.post("diffusions", PROMPT, Idempotency_Key="a")

    response = program.post("diffusions", {**PROMPT, **change}, Idempotency_Key="a")

    assert response.status_code == 409
    assert response.json()["error"]["param"] == "Idempotency-Key"
    assert api_balance(program.user) == 9


def test_a_key_counts_for_the_whole_account_and_for_no_other() -> None:
    program = make_program()
    sibling, stranger = make_program(user=program.user), make_program()

    mine = program.post("diffusions", PROMPT, Idempotency_Key="a").json()["id"]

    assert sibling.post("diffusions", PROMPT, Idempotency_Key="a").json()["id"] == mine
    assert stranger.post("diffusions", PROMPT, Idempotency_Key="a").json()["id"] != mine


def test_a_request_that_was_refused_leaves_its_key_free() -> None:
    program = make_program(credits=1)
    assert program.post("diffusions", {**PROMPT, "numImages": 2}, Idempotency_Key="a").status_code == 402

    assert program.post("diffusions", PROMPT, Idempotency_Key="a").status_code == 201


def test_the_first_answer_stands_when_its_quote_is_over() -> None:
    program = make_program()
    quote_id = program.post("diffusions/quote", PROMPT).json()["quoteId"]
    first = program.post("diffusions", {**PROMPT, "quoteId": quote_id}, Idempotency_Key="a")

    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        second = program.post("diffusions", {**PROMPT, "quoteId": quote_id}, Idempotency_Key="a")
        another = program.post("diffusions", {**PROMPT, "quoteId": quote_id, "seed": 1}, Idempotency_Key="a")

    assert (second.status_code, second.content) == (201, first.content)
    assert another.json()["error"]["code"] == "idempotency_key_reused"


def test_a_key_whose_run_was_deleted_makes_no_other() -> None:
    program = make_program()
    made = program.post("diffusions", PROMPT, Idempotency_Key="a").json()["id"]
    program.delete(f"diffusions/{made}")

    assert program.post("diffusions", PROMPT, Idempotency_Key="a").status_code == 409


# --- Cancel-After ----------------------------------------------------------------------------------------------


def test_what_was_not_started_in_time_is_canceled_and_free() -> None:
    program = make_program(credits=10)
    made = program.post("diffusions", PROMPT, Cancel_After="30s").json()
    assert made["cancelAfter"] > made["createdAt"]

    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert lifecycle.claim("late") is None
        lifecycle.reap()

    assert program.get(f"diffusions/{made['id']}").json()["status"] == "CANCELED"
    assert api_balance(program.user) == 10


def test_what_was_started_in_time_goes_on() -> None:
    program = make_program()
    made = program.post("diffusions", PROMPT, Cancel_After="30").json()
    claim()

    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        lifecycle.reap()

    assert program.get(f"diffusions/{made['id']}").json()["status"] == "PROCESSING"


# --- Prefer ----------------------------------------------------------------------------------------------------


def test_who_prefers_to_wait_is_told_so() -> None:
    started = time.monotonic()

    response = make_program().post("diffusions", PROMPT, Prefer="wait=1")

    assert response.headers["Preference-Applied"] == "wait=1"
    assert response.json()["status"] == "NEW"
    assert response.json()["queuePosition"] == 1
    assert time.monotonic() - started >= 1


# --- The list --------------------------------------------------------------------------------------------------


def test_the_list_has_the_newest_first_page_by_page() -> None:
    program = make_program()
    made = [program.post("diffusions", PROMPT).json()["id"] for _ in range(5)]
    seen, query = [], {"limit": 2}

    while True:
        page = program.get("diffusions", query).json()
        seen += [one["id"] for one in page["data"]]
        if not page["hasMore"]:
            break
        query["after"] = page["next"]

    assert seen == made[::-1]


def test_the_list_can_be_narrowed() -> None:
    program = make_program()
    done = finish(program, ref="mine")
    program.post("diffusions", {"prompt": "a fox", "model": "starter"})

    def ids(**query: str) -> list[str]:
        return [one["id"] for one in program.get("diffusions", query).json()["data"]]

    assert ids(status="FINISHED") == ids(ref="mine") == ids(model="midjourney") == [str(done.pk)]
    assert len(ids(createdAfter="2020-01-01T00:00:00Z")) == 2
    assert ids(createdAfter="2999-01-01T00:00:00Z") == []


def test_the_list_shows_pictures_in_order() -> None:
    program = make_program()
    finish(program, numImages=3, seed=5)

    (one,) = program.get("diffusions").json()["data"]

    assert [output["seed"] for output in one["outputs"]] == [5, 6, 7]


def test_the_list_holds_nothing_of_the_site_and_of_others() -> None:
    program = make_program()
    submit(make_person(credits=5))
    make_program().post("diffusions", PROMPT)

    assert program.get("diffusions").json() == {"data": [], "hasMore": False, "next": None}


def test_a_diffusion_says_which_models_of_ones_own_drew_it() -> None:
    program = make_program(credits=10, user=make_person())
    model = ready(program.user)

    answer = program.post("diffusions", {"prompt": "a zwerg", "model": str(model.pk), "seed": 1}).json()

    assert (answer["model"], answer["servedBy"]) == ("starter", "starter")
    assert answer["params"]["loras"] == [{"id": str(model.pk), "weight": 1.0}]
    assert program.get(f"diffusions/{answer['id']}").json()["params"]["loras"] == answer["params"]["loras"]
    assert answer["warnings"] == []


def test_a_model_whose_base_was_replaced_draws_with_a_warning_that_stays_with_the_diffusion() -> None:
    program = make_program(credits=10, user=make_person())
    model, same = ready(program.user), ready(program.user, lora_file(b"same"), trigger_word="zwerg2")
    CustomModel.objects.filter(pk=model.pk).update(base_sha256="0" * 64)
    body = {"prompt": "a zwerg", "loras": [{"id": str(model.pk)}, {"id": str(same.pk)}]}

    made = program.post("diffusions", body, Idempotency_Key="one")

    (warning,) = made.json()["warnings"]
    assert (made.status_code, warning["code"]) == (201, "base_changed")
    assert program.post("diffusions/quote", body).json()["warnings"] == [warning]
    assert f"The model {model.pk} was made for an earlier version of starter" in warning["message"]
    CustomModel.objects.filter(pk=model.pk).update(base_sha256="")
    assert program.get(f"diffusions/{made.json()['id']}").json()["warnings"] == [warning]
    assert program.post("diffusions", body, Idempotency_Key="one").json() == made.json()
    assert program.post("diffusions", body).json()["warnings"] == []
    assert program.post("diffusions/quote", body).json()["warnings"] == []


def test_a_model_that_is_not_theirs_is_refused_by_name_and_costs_nothing() -> None:
    program = make_program(credits=10)
    model = ready(make_person())

    for field, body in (("model", {"model": str(model.pk)}), ("loras", {"loras": [{"id": str(model.pk)}]})):
        response = program.post("diffusions", {"prompt": "a zwerg", **body})
        assert response.status_code == 404
        error = response.json()["error"]
        assert (error["param"], error["code"]) == (field, "model_not_yours")
    response = program.post("diffusions", {"prompt": "a zwerg", "loras": "mine"})
    assert response.json()["errors"][0]["message"] == "loras must be a list; “mine” is not."
    assert api_balance(program.user) == 10
