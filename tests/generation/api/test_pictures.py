"""Every editing task through the API: ordered, priced, refused with a reason."""

import base64
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image as Pillow

from generation import gallery, params
from generation.models import Job, JobInput, Upload
from tests.generation.api.calling import Program, api_balance, make_program
from tests.generation.params.test_edit import NEED_MODELS
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.uploads import brought, masked, photograph, png_of

pytestmark = pytest.mark.django_db


def body_for(task: str, program: Program) -> dict[str, Any]:
    user, is_test = program.user, program.key.is_test
    picture = str(brought(user, is_test=is_test).pk)
    more: dict[str, dict[str, Any]] = {
        "inpaint": {"mask": str(masked(user, is_test=is_test).pk), "feather": 4},
        "outpaint": {"right": 40},
        "blend": {"images": [picture, str(brought(user, seed=2, is_test=is_test).pk)], "weights": [1, 3]},
        "upscale": {"factor": 2},
    }
    own = more.get(task, {})
    words = {} if task in ("upscale", "remove-background") else {"prompt": "a red fox"}
    return {"task": task, **({} if task == "blend" else {"image": picture}), **words, **own}


@pytest.mark.parametrize("task", sorted(params.EDITS.keys() - NEED_MODELS))
def test_a_task_is_quoted_and_ordered_for_its_price(task: str) -> None:
    program = make_program()
    body = body_for(task, program)

    quote = program.post("diffusions/quote", {name: value for name, value in body.items() if name != "prompt"}).json()
    made = program.post("diffusions", {**body, "quoteId": quote["quoteId"]})

    assert made.status_code == 201, made.json()
    answer = made.json()
    assert (answer["task"], answer["cost"]["credits"]) == (task, quote["credits"])
    assert api_balance(program.user) == 100 - quote["credits"]
    job = Job.objects.get()
    assert JobInput.objects.filter(job=job).exists()
    assert {"image", "images"} & answer["params"].keys()


def test_a_picture_may_come_as_base64_bare_or_as_a_data_address() -> None:
    program = make_program()
    text = base64.b64encode(png_of(photograph())).decode()
    for image in (text, f"data:image/png;base64,{text}"):
        assert program.post("diffusions", {"task": "upscale", "image": image}).status_code == 201
    assert Upload.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "headers", "status"),
    [
        ({"strength": 7}, {}, 400),
        ({"mask": "A" * 100}, {}, 400),
        ({"model": "nothing"}, {}, 400),
        ({"quoteId": "quote_none"}, {}, 409),
        ({}, {"Cancel-After": "soon"}, 400),
        ({"prompt": "naked children"}, {}, 400),
        ({"numImages": 10}, {}, 402),
    ],
)
def test_a_refused_order_keeps_no_picture_that_was_sent_along(
    more: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    program = make_program(credits=5)
    own = brought(program.user, seed=2)
    mask = Pillow.new("L", (160, 120))
    mask.paste(255, (40, 30, 80, 60))
    image, marked = (base64.b64encode(png_of(one)).decode() for one in (photograph(), mask))
    body = {"task": "inpaint", "prompt": "a red fox", "image": image, "mask": marked}

    answer = program.post("diffusions", {**body, **more}, **headers)

    assert answer.status_code == status, answer.json()
    assert list(Upload.objects.visible_to(program.user)) == [own]


def test_a_refused_order_keeps_no_picture_that_came_twice_in_it() -> None:
    program = make_program(credits=0)
    image = base64.b64encode(png_of(photograph())).decode()
    body = {"task": "image-to-video", "image": image, "endImage": image}

    answer = program.post("diffusions", body)

    assert answer.status_code == 402, answer.json()
    assert not Upload.objects.visible_to(program.user).exists()


def test_a_refused_order_leaves_a_picture_that_was_there_before() -> None:
    program = make_program(credits=0)
    own = brought(program.user)
    image = base64.b64encode(png_of(photograph())).decode()

    assert program.post("diffusions", {"task": "upscale", "image": image}).status_code == 402
    assert list(Upload.objects.visible_to(program.user)) == [own]


def test_a_result_is_begun_from_by_its_id() -> None:
    user = make_person()
    program = make_program(user=user)
    made = draw(user)
    answer = program.post("diffusions", {"task": "upscale", "image": f"image:{made.pk}"})
    assert answer.status_code == 201
    assert answer.json()["params"] == {"image": f"image:{made.pk}", "factor": 2}
    gallery.delete(made)
    assert program.post("diffusions", {"task": "upscale", "image": f"image:{made.pk}"}).status_code == 404


def test_neither_kind_of_key_begins_from_what_the_other_made() -> None:
    user = make_person()
    live, test = make_program(user=user), make_program(user=user, is_test=True)
    made = draw(user)  # on the site
    body = {"task": "upscale", "image": f"image:{made.pk}"}
    assert (live.post("diffusions", body).status_code, test.post("diffusions", body).status_code) == (201, 404)
    Job.objects.filter(pk=made.job_id).update(is_test=True)
    assert (live.post("diffusions", body).status_code, test.post("diffusions", body).status_code) == (404, 201)


@pytest.mark.parametrize("is_test", [False, True])
def test_neither_kind_of_key_begins_from_what_the_other_brought(is_test: bool) -> None:
    program = make_program(is_test=is_test)
    own, others = (brought(program.user, is_test=side) for side in (is_test, not is_test))

    def begin(image: str) -> tuple[int, str]:
        answer = program.post("diffusions", {"task": "upscale", "image": image})
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    for name in (str(others.pk), others.reference):
        assert begin(name) == (404, "picture_gone")
    assert begin(str(own.pk)) == begin(own.reference) == (201, "")


def test_base64_by_a_test_key_names_no_file_of_the_live_side() -> None:
    live = make_program()
    test = make_program(user=live.user, is_test=True)
    theirs = brought(live.user)
    text = base64.b64encode(png_of(photograph())).decode()

    answer = test.post("diffusions", {"task": "upscale", "image": text})

    named = answer.json()["params"]["image"]
    assert named == Upload.objects.get(is_test=True).reference != theirs.reference


@pytest.mark.parametrize(
    ("changes", "status", "code", "param"),
    [
        ({"image": "A" * 99}, 400, "invalid_base64", "image"),
        ({"image": "A" * 100}, 400, "not_a_picture", "image"),
        ({"image": "data:image/png;base64,!"}, 400, "invalid_base64", "image"),
        ({"image": "http://127.0.0.1/a.png"}, 400, "image_not_fetched", "image"),
        ({"image": "my picture"}, 404, "picture_gone", "image"),
        ({"image": None}, 400, "missing_field", "image"),
        ({"image": 7}, 400, "invalid_value", "image"),
        ({"factor": 3}, 400, "invalid_value", "factor"),
        ({"strength": 0.5}, 400, "unknown_field", "strength"),
        ({"model": "starter"}, 400, "invalid_value", "model"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_charged(
    changes: dict[str, Any], status: int, code: str, param: str
) -> None:
    program = make_program()
    answer = program.post("diffusions", {**body_for("upscale", program), **changes})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)
    assert api_balance(program.user) == 100
    assert not Job.objects.exists()


def test_another_accounts_picture_is_not_there() -> None:
    theirs = brought(make_person("eve@example.com"))
    answer = make_program().post("diffusions", {"task": "upscale", "image": str(theirs.pk)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "picture_gone")


def test_a_repetition_is_the_first_run_even_when_the_picture_is_gone() -> None:
    program = make_program()
    body = body_for("upscale", program)
    first = program.post("diffusions", body, idempotency_key="k")
    Upload.objects.update(deleted_at=timezone.now())
    again = program.post("diffusions", body, idempotency_key="k")
    assert again.json() == first.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_test_key_edits_for_nothing() -> None:
    program = make_program(is_test=True)
    answer = program.post("diffusions", body_for("inpaint", program))
    assert (answer.status_code, answer.json()["cost"]["credits"]) == (201, 0)


def test_models_tell_their_tasks_and_limits() -> None:
    models = {model["id"]: model for model in make_program().get("models").json()["models"]}
    drawing = params.FIELDS.keys() - NEED_MODELS - {"remove-background", "upscale"}
    assert set(models["starter"]["tasks"]) == drawing
    assert models["lanczos"]["tasks"] == ["upscale"]
    assert models["grabcut"]["tasks"] == ["remove-background"]
    assert models["starter"]["limits"]["inputPixelsMax"] > 0
