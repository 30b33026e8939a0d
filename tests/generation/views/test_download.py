import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation import gallery
from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.generation.videos import make_video
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db

CONTENT = b"\x89PNG of a fox"


@pytest.fixture
def image() -> Image:
    job = finished(make_person(), prompt="A red fox, très chic; in snow!", seed=4711, num_images=1)
    image = job.images.select_related("user").get()
    default_storage.save(image.file, ContentFile(CONTENT))
    return image


def test_anonymous_people_log_in_first(image: Image) -> None:
    page = f"/pictures/{image.pk}/download/"

    assert_sent_to_login(visitor().get(page), page)


def test_a_stranger_finds_nothing(image: Image) -> None:
    assert visitor(make_person("bob@example.com")).get(f"/pictures/{image.pk}/download/").status_code == 404


def test_the_owner_gets_the_original_under_a_name_that_says_what_it_is(image: Image) -> None:
    answer = visitor(image.user).get(f"/pictures/{image.pk}/download/")

    assert b"".join(answer.streaming_content) == CONTENT  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"] == 'attachment; filename="a-red-fox-tres-chic-in-snow-4711.png"'


def test_a_prompt_without_letters_still_has_a_file_name(image: Image) -> None:
    image.job.params["prompt"] = "狐"
    image.job.save(update_fields=["params"])

    answer = visitor(image.user).get(f"/pictures/{image.pk}/download/")

    assert 'filename="picture-4711.png"' in answer["Content-Disposition"]


def test_a_file_that_is_gone_is_not_found(image: Image) -> None:
    default_storage.delete(image.file)

    assert visitor(image.user).get(f"/pictures/{image.pk}/download/").status_code == 404


def test_a_deleted_picture_is_not_found(image: Image) -> None:
    gallery.delete(image)

    assert visitor(image.user).get(f"/pictures/{image.pk}/download/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "content_type", "ending"),
    [
        ("", "video/mp4", ".mp4"),
        ("mp4", "video/mp4", ".mp4"),
        ("webp", "image/webp", ".webp"),
        ("gif", "image/gif", ".gif"),
        ("poster", "image/png", ".png"),
    ],
)
def test_a_video_comes_as_what_is_wanted(kind: str, content_type: str, ending: str) -> None:
    video = make_video(make_person(), prompt="A fox", seed=11)

    answer = visitor(video.user).get(f"/pictures/{video.pk}/download/", {"kind": kind})

    assert answer["Content-Type"] == content_type
    assert answer["Content-Disposition"] == f'attachment; filename="a-fox-11{ending}"'


def test_a_kind_that_there_is_not_is_not_found() -> None:
    video = make_video(make_person())

    assert visitor(video.user).get(f"/pictures/{video.pk}/download/", {"kind": "avi"}).status_code == 404
