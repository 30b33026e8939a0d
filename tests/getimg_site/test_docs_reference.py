import re

import pytest

from generation.api import task_shapes
from getimg_site import docs_reference

pytestmark = pytest.mark.django_db


def test_the_reference_has_every_address_and_what_is_sent_and_answered() -> None:
    found = {(one.verb, one.path): one for one in docs_reference.operations()}
    for path in ("/v1/diffusions/{diffusion_id}", "/v1/models", "/v1/account", "/v1/webhooks"):
        assert ("GET", path) in found
    order = found["POST", "/v1/diffusions"]
    assert {"prompt", "guidanceScale", "numImages"} <= {field.name for field in order.request}
    strength = next(field for field in order.request if field.name == "strength")
    assert "image-to-image" in strength.about
    assert "inpaint" in strength.about
    assert not strength.is_required
    assert "outputs[].url" in {field.name for field in found["GET", "/v1/diffusions/{diffusion_id}"].answer}
    assert "Idempotency-Key (header)" in {field.name for field in order.parameters}
    assert {"201", "402"} <= {status for status, _ in order.statuses}
    assert (
        next(field for field in order.request if field.name == "seed").type == "integer, ≥ 0, ≤ 4,294,967,295, or null"
    )


def test_a_body_with_several_shapes_says_which_task_takes_what() -> None:
    (order,) = (one for one in docs_reference.operations() if (one.verb, one.path) == ("POST", "/v1/diffusions"))
    fields = {field.name: field for field in order.request}
    tasks = fields["task"].type.split(" · ")
    assert {"text-to-image", "inpaint", "upscale", "remove-background", "blend"} <= set(tasks)
    assert not fields["task"].is_required

    said = {name: _tasks_by_words(fields[name].about) for name in ("prompt", "image", "mask", "images")}
    assert not fields["prompt"].is_required
    assert {"text-to-image", "inpaint"} <= said["prompt"]["required by"]
    assert {"upscale", "remove-background"} <= said["prompt"]["refused by"]
    assert {"inpaint", "upscale", "remove-background"} <= said["image"]["required by"]
    assert said["mask"]["required by"] == {"inpaint"}
    assert said["images"]["required by"] == {"blend"}
    for one in said.values():
        assert sorted(task for named in one.values() for task in named) == sorted(tasks)
    assert fields["loras[].id"].is_required


def test_the_field_of_the_model_says_for_each_task_which_models_do_it() -> None:
    operations = [one for one in docs_reference.operations() if one.id in ("createDiffusion", "quoteDiffusion")]
    for operation in operations:
        fields = {field.name: field for field in operation.request}
        said = {
            task: set(re.findall("`([^`]+)`", models))
            for tasks, models in re.findall(r"With ([a-z, -]+): (`[^.]+`)\.", fields["model"].about)
            for task in tasks.split(", ")
        }
        assert set(said) == set(fields["task"].type.split(" · "))
        for task, models in said.items():
            assert models == {served.slug for served in task_shapes.installed(task)}
        assert "grabcut" in said["remove-background"]
    assert len(operations) == 2


def test_a_field_that_most_tasks_take_says_which_refuse_it() -> None:
    (order,) = (one for one in docs_reference.operations() if (one.verb, one.path) == ("POST", "/v1/diffusions"))
    negative = next(field for field in order.request if field.name == "negativePrompt")
    assert "upscale" in negative.about
    assert not next(field for field in order.request if field.name == "ref").about


def _tasks_by_words(about: str) -> dict[str, set[str]]:
    parts = about.partition(".")[0].split("; ")
    found = [re.match(r"(required by|may be left out of|refused by) (.+)", part, re.IGNORECASE) for part in parts]
    return {one[1].lower(): set(one[2].split(", ")) for one in found if one}
