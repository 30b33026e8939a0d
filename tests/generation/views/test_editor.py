import json
import uuid

import pytest

from generation import lifecycle, params, uploads
from tests.generation.pictures import stored
from tests.generation.runs import claim, finished, make_person
from tests.generation.uploads import brought, masked
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get("/edit/"), "/edit/")


def test_without_a_picture_it_asks_for_one() -> None:
    page = words(visitor(make_person()).get("/edit/"))

    assert "Bring a picture" in page
    assert 'id="opened"' not in page


@pytest.mark.parametrize("field", ["images", "weights", "factor", "mode", "num_images"])
def test_what_is_refused_of_several_fields_can_have_the_focus(field: str) -> None:
    page = words(visitor(make_person()).get("/edit/"))

    assert f'id="{field}-error" tabindex="-1" role="alert" hidden' in page


def test_a_picture_of_ones_own_is_opened_with_its_words() -> None:
    user = make_person()
    image = finished(user, num_images=1, prompt="a special fox").images.get()

    page = words(visitor(user).get(f"/edit/{image.pk}/?tool=upscale"))

    assert f'"ref": "image:{image.pk}"' in page
    assert ">a special fox</textarea>" in page
    assert page.count(" checked>") > 0
    assert 'value="upscale" data-verb="Enlarge" data-words="" data-marks="" checked' in page


def test_an_upload_is_opened() -> None:
    user = make_person()
    upload = brought(user)

    page = words(visitor(user).get(f"/edit/?upload={upload.pk}"))

    assert f'"url": "/uploads/{upload.pk}/file"' in page


def test_a_strangers_picture_is_not_there() -> None:
    owner, stranger = make_person(), make_person("eve@example.com")
    image = finished(owner, num_images=1).images.get()

    assert visitor(stranger).get(f"/edit/{image.pk}/").status_code == 404
    assert visitor(stranger).get(f"/edit/?upload={brought(owner).pk}").status_code == 404
    assert visitor(owner).get(f"/edit/{uuid.uuid4()}/").status_code == 404


def test_a_branch_comes_with_its_tool_and_settings_to_its_owner_alone() -> None:
    owner, stranger = make_person(), make_person("eve@example.com")
    values = {"prompt": "a red hat", "image": brought(owner).reference, "strength": "0.45"}
    job = lifecycle.submit(owner, params.parse("image-to-image", values, owner), key="k")

    page = words(visitor(owner).get(f"/edit/?branch={job.pk}"))

    assert '"strength": 0.45' in page
    assert (
        'value="image-to-image" data-verb="Rework" data-words="What the picture should become" data-marks="" checked'
        in page
    )
    assert visitor(stranger).get(f"/edit/?branch={job.pk}").status_code == 404
    assert visitor(owner).get("/edit/?branch=nonsense").status_code == 200


def test_everything_of_an_edit_is_its_own_seed_and_words_and_what_was_painted() -> None:
    owner, stranger = make_person(), make_person("eve@example.com")
    upload, mask = brought(owner), masked(owner)
    values = {"prompt": "a {red|blue} hat", "image": upload.reference, "mask": mask.reference, "feather": "3"}
    lifecycle.submit(owner, params.parse("inpaint", {**values, "strength": "0.5"}, owner), key="k")
    image = stored(claim().jobs[0])

    moved = visitor(owner).get(f"/create/?from={image.pk}&take=all")
    assert moved["Location"] == f"/edit/?from={image.pk}"
    page = words(visitor(owner).get(moved["Location"]))

    branch = json.loads(page.split('<script id="branch" type="application/json">')[1].split("<")[0])
    settings = {name: branch["values"][name] for name in ("prompt", "seed", "strength", "feather")}
    assert settings == {"prompt": image.prompt, "seed": image.seed, "strength": 0.5, "feather": 3}
    assert branch["marks"] == {"mask": mask.reference}
    assert "num_images" not in branch["values"]
    assert f'"ref": "{upload.reference}"' in page
    assert "Not all that it was made from" not in page
    assert visitor(stranger).get(f"/edit/?from={image.pk}").status_code == 404
    assert visitor(stranger).get(f"/create/?from={image.pk}").status_code == 404

    uploads.delete(upload)
    page = words(visitor(owner).get(f"/edit/?from={image.pk}"))
    assert "Not all that it was made from is still here." in page
    assert '"marks": {}' in page


def test_tools_that_no_installed_model_has_are_not_offered() -> None:
    page = words(visitor(make_person()).get("/edit/"))

    assert 'value="inpaint"' in page
    assert 'value="instruct"' not in page
