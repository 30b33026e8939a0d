import pytest

from accounts.models import User
from generation import params
from generation.models import Upload
from tests.generation.params.test_edit import refusal, values_for
from tests.generation.runs import make_person
from tests.generation.uploads import brought, masked

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_person()


@pytest.mark.parametrize(
    ("box", "width", "words"),
    [
        (None, 160, "empty"),
        ((0, 0, 160, 120), 160, "covers the whole picture"),
        ((1, 1, 9, 9), 150, "150 × 120 pixels, the picture 160 × 120"),
    ],
)
def test_a_mask_must_fit_and_mark_something_but_not_all(
    box: tuple[int, int, int, int] | None, width: int, words: str, user: User
) -> None:
    error = refusal("inpaint", user, mask=masked(user, width=width, box=box).reference)
    assert error.field == "mask"
    assert words in error.message


def test_strokes_are_optional_but_mark_something(user: User) -> None:
    with_strokes = {**values_for("remove-background", user), "strokes": masked(user).reference}
    roles = [one.role for one in params.parse("remove-background", with_strokes, user).inputs()]
    assert roles == ["image", "strokes"]
    grey = brought(user)
    Upload.objects.filter(pk=grey.pk).update(kind=Upload.Kind.MASK, darkest=128, lightest=128)
    assert "mark nothing" in refusal("replace-background", user, strokes=grey.reference).message


def test_pictures_that_are_too_small_too_long_or_would_grow_too_large_are_refused(user: User) -> None:
    assert "at least 32" in refusal("upscale", user, image=brought(user, 31, 40).reference).message
    long = brought(user, 400, 40).reference
    assert "Cut it first" in refusal("image-to-image", user, image=long).message
    large = brought(user, 40, 40)
    Upload.objects.filter(pk=large.pk).update(width=4096, height=2000)
    assert "8192 × 4000" in refusal("upscale", user, image=large.reference).message
