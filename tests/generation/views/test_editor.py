import uuid

import pytest

from generation import lifecycle, params
from tests.generation.runs import finished, make_person
from tests.generation.uploads import brought
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get("/edit/"), "/edit/")


def test_without_a_picture_it_asks_for_one() -> None:
    page = words(visitor(make_person()).get("/edit/"))

    assert "Bring a picture" in page
    assert 'id="opened"' not in page


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


def test_tools_that_no_installed_model_has_are_not_offered() -> None:
    page = words(visitor(make_person()).get("/edit/"))

    assert 'value="inpaint"' in page
    assert 'value="instruct"' not in page
