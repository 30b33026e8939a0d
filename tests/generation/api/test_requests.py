from datetime import timedelta
from typing import Any

import pytest

from generation.api import requests
from generation.api.problems import Problem


def refused(body: dict[str, Any]) -> list[dict[str, str]]:
    with pytest.raises(Problem) as caught:
        requests.read(body)
    assert caught.value.status_code == 400
    assert caught.value.errors
    return caught.value.errors


def test_fields_are_read_under_the_sites_names() -> None:
    found = requests.read({"prompt": "a fox", "negativePrompt": "rain", "numImages": 2, "seed": None, "ref": "mine"})

    assert found.values == {"prompt": "a fox", "negative_prompt": "rain", "num_images": 2}
    assert (found.task, found.ref, found.quote_id) == ("text-to-image", "mine", "")


@pytest.mark.parametrize(
    ("field", "nearest"),
    [
        ("promt", "prompt"),
        ("negative_prompt", "negativePrompt"),
        ("num_images", "numImages"),
        ("numInferenceSteps", "steps"),
        ("n", "numImages"),
        ("size", "width and height"),
    ],
)
def test_an_unknown_field_is_refused_with_the_nearest(field: str, nearest: str) -> None:
    (error,) = refused({"prompt": "a fox", field: 1})

    assert (error["param"], error["code"]) == (field, "unknown_field")
    assert error["message"].endswith(f"Did you mean {nearest}?")


def test_a_field_like_none_is_refused_with_all_that_are_known() -> None:
    (error,) = refused({"prompt": "a fox", "zzz": 1})

    assert "Known are prompt, negativePrompt" in error["message"]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("numImages", "4", "a whole number"),
        ("numImages", 1.5, "a whole number"),
        ("numImages", True, "a whole number"),
        ("guidanceScale", "7", "a number"),
        ("prompt", 7, "text"),
        ("prompt", ["a fox"], "text"),
        ("model", {}, "text"),
        ("model", " starter", "without blanks"),
        ("ref", "x" * 121, "121 characters; 120"),
        ("ref", "\x00", "null character"),
    ],
)
def test_a_wrong_type_is_refused_with_field_value_and_bound(field: str, value: Any, words: str) -> None:
    (error,) = refused({"prompt": "a fox", field: value})

    assert error["param"] == field
    assert words in error["message"]


def test_every_wrong_field_is_named() -> None:
    assert {error["param"] for error in refused({"promt": "a", "numImages": "1", "seed": "x"})} == {
        "promt",
        "numImages",
        "seed",
    }


def test_an_unknown_task_is_refused_with_those_there_are() -> None:
    (error,) = refused({"prompt": "a fox", "task": "text-to-sound"})

    assert error["param"] == "task"
    assert "text-to-image" in error["message"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1", 1), ("90", 90), ("90s", 90), ("5m", 300), ("24h", 86_400), ("86400", 86_400), ("1440m", 86_400)],
)
def test_a_patience_is_seconds_minutes_or_hours(text: str, seconds: int) -> None:
    assert requests.cancel_after({"Cancel-After": text}) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["0", "-1", "86401", "25h", "1441m", "1d", "soon", "1.5", "٣"])
def test_a_patience_out_of_bounds_is_refused(text: str) -> None:
    with pytest.raises(Problem) as caught:
        requests.cancel_after({"Cancel-After": text})

    assert caught.value.param == "Cancel-After"


def test_without_a_patience_it_waits_as_long_as_it_takes() -> None:
    assert requests.cancel_after({}) is None


def test_a_key_for_repetition_has_a_bound() -> None:
    assert requests.idempotency_key({"Idempotency-Key": " a "}) == "a"
    with pytest.raises(Problem):
        requests.idempotency_key({"Idempotency-Key": "k" * 201})


def test_equal_requests_have_equal_digests() -> None:
    one = requests.digest("/v1/diffusions", {"prompt": "a", "seed": 1})

    assert one == requests.digest("/diffusions", {"seed": 1, "prompt": "a"})
    assert one != requests.digest("/v1/diffusions", {"prompt": "b", "seed": 1})
    assert one != requests.digest("/v1/images/generations", {"prompt": "a", "seed": 1})
    assert one != requests.digest("/v1/diffusions", {"prompt": "a", "seed": 1}, "5m")
