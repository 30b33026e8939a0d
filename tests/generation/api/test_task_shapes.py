import pytest

from generation import params
from generation.api import schemas
from generation.api.task_shapes import edit_fields

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
