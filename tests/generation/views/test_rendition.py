import pytest

from generation.models import Image
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.videos import make_video
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return draw(make_person(), prompt="a red fox", seed=7)


def test_anonymous_people_log_in_first_and_strangers_find_nothing(image: Image) -> None:
    path = f"/pictures/{image.pk}/download/clean/png/"

    assert_sent_to_login(visitor().get(path), path)
    assert visitor(make_person("bob@example.com")).get(path).status_code == 404


def test_the_owner_gets_the_file_under_a_name_that_says_as_much_as_the_file(image: Image) -> None:
    client = visitor(image.user)

    told = client.get(f"/pictures/{image.pk}/download/recipe/jpeg/")
    clean = client.get(f"/pictures/{image.pk}/download/clean/webp/")

    assert (told["Content-Type"], clean["Content-Type"]) == ("image/jpeg", "image/webp")
    assert told["Content-Disposition"] == 'attachment; filename="a-red-fox-7.jpg"'
    assert clean["Content-Disposition"] == 'attachment; filename="picture.webp"'


def test_a_video_is_an_mp4_a_webp_or_a_gif(image: Image) -> None:
    video = make_video(make_person("hedy.lamarr@example.com"), prompt="a red fox", seed=7)
    client = visitor(video.user)

    told = client.get(f"/pictures/{video.pk}/download/recipe/mp4/")
    clean = client.get(f"/pictures/{video.pk}/download/clean/gif/")

    assert (told["Content-Type"], clean["Content-Type"]) == ("video/mp4", "image/gif")
    assert told["Content-Disposition"] == 'attachment; filename="a-red-fox-7.mp4"'
    assert clean["Content-Disposition"] == 'attachment; filename="video.gif"'
    page = words(client.get(f"/pictures/{video.pk}/"))
    for way in ("recipe", "clean"):
        for kind in ("mp4", "webp", "gif"):
            assert f"/pictures/{video.pk}/download/{way}/{kind}/" in page


@pytest.mark.parametrize("path", ["recipe/bmp", "dirty/png", "clean/mp4"])
def test_other_files_are_not_there(image: Image, path: str) -> None:
    assert visitor(image.user).get(f"/pictures/{image.pk}/download/{path}/").status_code == 404
