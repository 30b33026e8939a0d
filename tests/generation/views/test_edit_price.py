import pytest

from tests.generation.runs import make_person
from tests.generation.uploads import brought
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

ADDRESS = "/edit/price/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().post(ADDRESS, {"task": "upscale"}), "/create/")


def test_the_price_and_the_result_are_told_before_a_prompt_is_typed() -> None:
    user = make_person(credits=3)
    sent = {"task": "outpaint", "image": brought(user).reference, "right": "64", "num_images": "4"}

    body = visitor(user).post(ADDRESS, sent).json()

    assert (body["perImage"], body["numImages"], body["credits"]) == (2, 4, 8)
    assert (body["width"], body["height"]) == (224, 120)
    assert (body["balance"], body["missing"]) == (3, 5)
    assert body["line"].startswith("2 credits a picture: size 1.12 ×")
    assert {term["name"] for term in body["terms"]} == {"Model", "Tool", "Size", "Steps"}
    assert not user.jobs.exists()


def test_a_list_may_come_as_fields_of_one_name() -> None:
    user = make_person()
    images = [brought(user).reference, brought(user, seed=2).reference]
    assert visitor(user).post(ADDRESS, {"task": "blend", "images": images}).status_code == 200


def test_the_price_is_told_before_a_mask_is_painted() -> None:
    user = make_person()
    body = visitor(user).post(ADDRESS, {"task": "inpaint", "image": brought(user).reference}).json()
    assert body["credits"] == 1


def test_the_least_is_told_before_a_side_or_a_second_picture_is_chosen() -> None:
    user = make_person()
    picture = brought(user).reference
    for sent in ({"task": "outpaint", "image": picture}, {"task": "blend", "images": picture}):
        assert visitor(user).post(ADDRESS, sent).json()["credits"] == 1
        assert visitor(user).post("/edit/runs/", sent).status_code == 422


def test_what_is_wrong_is_named() -> None:
    user = make_person()
    answer = visitor(user).post(ADDRESS, {"task": "upscale", "image": brought(user).reference, "factor": "3"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["factor"]
