import pytest

from accounts.models import User
from generation import gallery, params, uploads
from generation.models import Image
from tests.generation.params.test_edit import refusal
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_person()


def test_another_persons_picture_and_a_deleted_one_are_not_there(user: User) -> None:
    theirs = brought(make_person("eve@example.com"))
    mine = brought(user, seed=3)
    uploads.delete(mine)
    made = draw(user)
    gallery.delete(made)
    for reference in (theirs.reference, mine.reference, f"image:{made.pk}"):
        error = refusal("upscale", user, image=reference)
        assert (error.field, error.code) == ("image", "picture_gone")


def test_a_picture_made_here_brings_its_words_where_none_are_needed(user: User) -> None:
    made = draw(user, prompt="a green owl")
    variations = params.parse("variations", {"image": f"image:{made.pk}"}, user)
    assert variations.prompt == "a green owl"
    assert variations.inputs()[0].source.origin == made.job_id


def test_images_are_looked_up_by_their_owner_alone(user: User) -> None:
    made = draw(make_person("eve@example.com"))
    assert Image.objects.filter(pk=made.pk).exists()
    assert refusal("upscale", user, image=f"image:{made.pk}").code == "picture_gone"
