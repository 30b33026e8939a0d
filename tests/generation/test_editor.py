from pathlib import Path

import pytest
from django.conf import LazySettings

from generation import editor, params
from generation.models import Image, Upload
from tests.generation.runs import finished, make_person
from tests.generation.test_catalog import install
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


def test_every_tool_is_a_task_and_every_task_that_begins_from_pictures_a_tool() -> None:
    assert {tool.task for tool in editor.TOOLS} == set(params.EDITS)


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
