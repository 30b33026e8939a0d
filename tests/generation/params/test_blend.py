import pytest

from accounts.models import User
from generation import params
from generation.engine.options import BlendOptions
from tests.generation.params.test_edit import refusal, values_for
from tests.generation.runs import make_person
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_person()


def test_a_picture_is_not_blended_with_itself(user: User) -> None:
    picture = brought(user).reference
    assert "twice" in refusal("blend", user, images=[picture, picture]).message


def test_weights_are_parts_of_the_whole(user: User) -> None:
    blend = params.parse("blend", {**values_for("blend", user), "weights": "1,3"}, user)
    assert blend.options() == BlendOptions((0.25, 0.75), 0.5)
