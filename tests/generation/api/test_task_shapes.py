import pytest

from generation import params
from generation.api import schemas
from generation.api.task_shapes import by_model, edit_fields, together

pytestmark = pytest.mark.django_db


def test_each_task_that_is_possible_here_has_its_fields_and_needs_its_pictures() -> None:
    found = edit_fields(schemas.request_fields(), schemas.optional, require_prompt=True)

    assert {"inpaint", "outpaint", "blend", "upscale"} <= found.keys()
    assert found["inpaint"][1] == ["task", "image", "mask", "prompt"]
    assert found["blend"][1] == ["task", "images"]
    assert found["upscale"][1] == ["task", "image"]
    for task, (fields, _) in found.items():
        assert len(fields) == 1 + len(params.FIELDS[task])
        assert fields["task"]["const"] == task


def test_a_price_can_be_asked_for_without_words_and_null_is_taken_once() -> None:
    fields, needed = edit_fields(schemas.request_fields(), schemas.optional, require_prompt=False)["inpaint"]
    assert needed == ["task", "image", "mask"]
    assert fields["steps"]["type"] == ["integer", "null"]
    assert fields["strength"]["type"] == ["number", "null"]


def test_a_models_own_bounds_hold_where_it_is_named_and_the_defaults_where_none_is() -> None:
    conditions = by_model("text-to-image", ["steps", "scheduler", "seed"])
    fast = next(one for one in conditions if one["if"]["properties"]["model"].get("const") == "starter-fast")
    unnamed = [one for one in conditions if "required" not in one["if"]]

    assert fast["then"]["properties"]["scheduler"]["anyOf"][0]["enum"] == ["lcm"]
    assert fast["then"]["properties"]["steps"]["anyOf"][0]["maximum"] == 8
    assert [one["if"]["properties"]["model"]["enum"] for one in unnamed] == [["starter", None]]
    assert "lcm" not in unnamed[0]["then"]["properties"]["scheduler"]["anyOf"][0]["enum"]
    assert not by_model("text-to-image", ["seed"])


def test_an_extension_says_how_much_is_added_at_one_side_at_least() -> None:
    (either,) = together("outpaint")

    assert {one["required"][0] for one in either["anyOf"]} == {"left", "right", "top", "bottom"}
    assert all(one["properties"][one["required"][0]]["minimum"] == 1 for one in either["anyOf"])
    assert together("inpaint") == []
