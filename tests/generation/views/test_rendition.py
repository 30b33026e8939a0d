import pytest

from generation.models import Image
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor

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


@pytest.mark.parametrize("path", ["recipe/bmp", "dirty/png"])
def test_other_files_are_not_there(image: Image, path: str) -> None:
    assert visitor(image.user).get(f"/pictures/{image.pk}/download/{path}/").status_code == 404
