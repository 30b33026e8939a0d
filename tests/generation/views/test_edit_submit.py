from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from billing.models import LedgerEntry
from generation import uploads
from generation.models import Job, JobInput
from tests.generation.runs import balance, make_person
from tests.generation.uploads import brought, masked
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

ADDRESS = "/edit/runs/"


def form(user: User, **changes: str) -> dict[str, str]:
    values = {"task": "inpaint", "key": "k1", "prompt": "a hat", "num_images": "2"}
    return {**values, "image": brought(user).reference, "mask": masked(user).reference, **changes}


def refused(user: User, **changes: str) -> dict[str, str]:
    answer = visitor(user).post(ADDRESS, form(user, **changes))
    assert answer.status_code == 422
    assert not user.jobs.exists()
    assert balance(user) == 100
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().post(ADDRESS, {"task": "upscale"}), "/create/")
    assert not Job.objects.exists()


def test_a_press_makes_a_run_and_sets_its_price_aside() -> None:
    user = make_person()

    answer = visitor(user).post(ADDRESS, form(user))

    job = user.jobs.get()
    body = answer.json()
    assert answer.status_code == 201
    assert body["run"] == {"id": str(job.pk), "url": f"/create/runs/{job.pk}/", "status": "NEW"}
    assert body["key"] not in ("", "k1")
    assert balance(user) == 98
    assert (job.task, job.params["feather"]) == ("inpaint", 8)
    assert LedgerEntry.objects.get(kind="hold", wallet__user=user).reason == "2 pictures: inpaint"


def test_what_it_begins_from_is_written_down() -> None:
    user = make_person()
    visitor(user).post(ADDRESS, form(user))
    assert list(JobInput.objects.order_by("pk").values_list("role", "kind", "width")) == [
        ("image", "upload", 160),
        ("mask", "upload", 160),
    ]


def test_a_double_click_makes_one_run_and_one_charge() -> None:
    user = make_person()
    client = visitor(user)
    sent = form(user)
    first, second = client.post(ADDRESS, sent).json(), client.post(ADDRESS, sent).json()
    assert first["run"]["id"] == second["run"]["id"]
    assert (user.jobs.count(), balance(user)) == (1, 98)
    assert JobInput.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task": "fly"}, "task"),
        ({"prompt": ""}, "prompt"),
        ({"image": "upload:nothing"}, "image"),
        ({"strength": "7"}, "strength"),
        ({"model": "gone"}, "model"),
        ({"model": "lanczos"}, "model"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_charged(changes: dict[str, str], field: str) -> None:
    assert field in refused(make_person(), **changes)


@pytest.mark.parametrize(
    ("pictures", "field", "words"),
    [
        (lambda user: {"mask": masked(user, width=150).reference}, "mask", "they must have the same size"),
        (lambda user: {"mask": masked(user, box=None).reference}, "mask", "paint white over what is to change"),
        (lambda user: {"mask": masked(user, box=(0, 0, 160, 120)).reference}, "mask", "Leave something out of it"),
        (lambda user: {"image": brought(user, 31, 40).reference}, "image", "each side must have at least 32"),
        (lambda user: {"task": "image-to-image", "image": brought(user, 400, 40).reference}, "image", "Cut it first"),
        (lambda user: {"task": "outpaint", "right": "4096", "left": "4096"}, "image", "add less"),
        (
            lambda user: {"task": "blend", "images": ",".join([brought(user).reference] * 2)},
            "images",
            "Choose another",
        ),
    ],
)
def test_pictures_that_can_not_be_used_are_refused_with_what_to_do_and_nothing_is_charged(
    pictures: Callable[[User], dict[str, str]], field: str, words: str
) -> None:
    user = make_person()
    assert words in refused(user, **pictures(user))[field]


def test_a_strangers_picture_is_not_there() -> None:
    theirs = brought(make_person("eve@example.com"))
    assert "not there" in refused(make_person(), image=theirs.reference)["image"]


def test_a_picture_deleted_meanwhile_is_refused_before_anything_is_charged() -> None:
    user = make_person()
    sent = form(user)
    uploads.delete(user.uploads.get(kind="picture"))
    answer = visitor(user).post(ADDRESS, sent)
    assert answer.status_code == 422
    assert "Choose another" in answer.json()["errors"][0]["message"]
    assert balance(user) == 100


def test_too_few_credits_are_said() -> None:
    user = make_person(credits=1)
    answer = visitor(user).post(ADDRESS, form(user))
    assert answer.json() == {
        "errors": [{"field": "form", "message": "This costs 2 credits and you have 1. Nothing was sent.", "link": ""}]
    }


def test_a_foreign_page_cannot_send_it() -> None:
    user = make_person()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post(ADDRESS, form(user)).status_code == 403
