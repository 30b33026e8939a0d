import json
from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.models import User
from generation import editor, lifecycle, params, uploads
from generation.models import Image, Job, Upload
from tests.generation.pictures import stored
from tests.generation.runs import claim, finished, make_person
from tests.generation.test_catalog import install
from tests.generation.uploads import brought, masked

pytestmark = pytest.mark.django_db


def test_every_tool_is_a_task_and_every_task_that_begins_from_pictures_a_tool() -> None:
    # Films have a page of their own.
    assert {tool.task for tool in editor.TOOLS} == params.EDITS.keys() - {"image-to-video"}


def test_only_what_an_installed_model_can_do_is_offered() -> None:
    form = editor.form_of(None, "", is_advanced_open=False)

    offered = {tool.task for tool in form.tools}
    assert {"inpaint", "outpaint", "blend", "remove-background", "upscale"} <= offered
    assert "instruct" not in offered
    assert all(served.model.is_installed for served in form.models)


def test_a_tool_that_nobody_has_leads_to_the_first() -> None:
    assert editor.form_of(None, "upscale", is_advanced_open=False).tool == "upscale"
    assert editor.form_of(None, "instruct", is_advanced_open=False).tool == "inpaint"


def test_a_picture_brings_its_name_size_and_words() -> None:
    user = make_person()
    image = finished(user, num_images=1, prompt="a fox").images.get()

    opened = editor.open_image(user, image.pk)

    assert (opened.ref, opened.width, opened.height, opened.prompt) == (f"image:{image.pk}", 128, 128, "a fox")


def test_what_is_a_strangers_is_not_there() -> None:
    owner, stranger = make_person(), make_person("eve@example.com")
    image, upload = finished(owner, num_images=1).images.get(), brought(owner)

    with pytest.raises(Image.DoesNotExist):
        editor.open_image(stranger, image.pk)
    with pytest.raises(Upload.DoesNotExist):
        editor.open_upload(stranger, upload.pk)
    assert editor.open_upload(owner, upload.pk).url == f"/uploads/{upload.pk}/file"


def test_a_model_says_what_can_guide_it_and_how_it_blends(settings: LazySettings, tmp_path: Path) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8", "controlnet-canny", "controlnet-depth", "ip-adapter")

    form = editor.form_of(None, "controlnet", is_advanced_open=False)

    assert form.tool == "controlnet"
    choices = {choice.served.slug: choice for choice in form.choices}
    assert choices["dreamshaper-8"].controls == ["canny", "depth"]
    assert "controlnet" in choices["dreamshaper-8"].tasks
    assert "IP-Adapter" in choices["dreamshaper-8"].blends
    assert "controlnet" not in choices["starter"].tasks
    assert "does not know what they are of" in choices["starter"].blends


def test_the_starter_says_what_it_cannot_do_and_no_other_model_is_said_to_be_like_it(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8")

    choices = editor.form_of(None, "outpaint", is_advanced_open=False).choices
    limits = {choice.served.slug: json.loads(choice.limits) for choice in choices}

    assert "photograph" in limits["starter"]["outpaint"]
    assert limits["starter"].keys() <= set(editor.EDITING_TASKS)
    assert limits["starter-fast"] == limits["starter"]
    assert limits["dreamshaper-8"] == limits["lanczos"] == {}


def ordered(user: User, task: str, **values: str) -> Job:
    """Return a run that was sent with these settings."""
    return lifecycle.submit(user, params.parse(task, {"prompt": "a fox", **values}, user), key=task)


def test_a_branch_brings_the_run_back_as_it_was_sent_but_for_what_was_painted() -> None:
    user = make_person()
    upload, mask = brought(user), masked(user)
    job = ordered(user, "inpaint", image=upload.reference, mask=mask.reference, feather="21", strength="0.8", seed="7")

    branch = editor.branch_from(user, job.pk)

    assert branch.task == "inpaint"
    assert branch.opened
    assert branch.opened.ref == upload.reference
    kept = {name: branch.values[name] for name in ("prompt", "feather", "strength", "seed", "model")}
    assert kept == {"prompt": "a fox", "feather": 21, "strength": 0.8, "seed": 7, "model": "starter"}
    assert not {"image", "mask"} & branch.values.keys()


def test_a_branch_of_a_blend_brings_its_pictures_and_weights() -> None:
    user = make_person()
    one, two = brought(user), brought(user, seed=2)
    job = ordered(user, "blend", images=f"{one.reference},{two.reference}", weights="3,1")

    branch = editor.branch_from(user, job.pk)

    assert [(opened.ref, weight) for opened, weight in branch.parts] == [(one.reference, 0.75), (two.reference, 0.25)]
    uploads.delete(one)
    branch = editor.branch_from(user, job.pk)
    assert (branch.parts, branch.opened and branch.opened.ref) == ([], two.reference)


def test_a_branch_whose_picture_is_gone_goes_on_from_its_result() -> None:
    user = make_person()
    upload = brought(user)
    ordered(user, "variations", image=upload.reference)
    image = stored(claim().jobs[0])
    uploads.delete(upload)

    branch = editor.branch_from(user, image.job_id)

    assert branch.opened
    assert branch.opened.ref == f"image:{image.pk}"
    with pytest.raises(Job.DoesNotExist):
        editor.branch_from(make_person("eve@example.com"), image.job_id)


def test_what_was_drawn_from_words_is_no_branch_of_the_editors() -> None:
    user = make_person()
    with pytest.raises(Job.DoesNotExist):
        editor.branch_from(user, finished(user, num_images=1).pk)
