from pathlib import Path

import pytest
from django.conf import LazySettings

from accounts.models import User
from generation import params
from generation.engine.options import BlendOptions
from tests.generation.params.test_edit import refusal, values_for
from tests.generation.runs import make_person
from tests.generation.test_catalog import install
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_person()


def test_a_picture_is_not_blended_with_itself(user: User) -> None:
    picture = brought(user).reference
    assert "twice" in refusal("blend", user, images=[picture, picture]).message


def test_the_way_of_blending_is_written_down_as_it_was_when_the_run_was_sent(
    user: User, settings: LazySettings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8")
    values = {**values_for("blend", user), "model": "dreamshaper-8"}
    blind = params.parse("blend", values, user)
    install(tmp_path, "ip-adapter")
    seeing = params.parse("blend", values, user)

    ways = [params.options_of("blend", one.as_dict()) for one in (blind, seeing)]
    assert ways == [BlendOptions((0.5, 0.5), 0.5), BlendOptions((0.5, 0.5), 0.5, sees_pictures=True)]
    assert blind.batch_key("dreamshaper-8") != seeing.batch_key("dreamshaper-8")


@pytest.mark.parametrize("sent", ["100,0.5", "0.01,100", "3,1"])
def test_weights_can_be_sent_again_as_they_are_stored(user: User, sent: str) -> None:
    blend = params.parse("blend", {**values_for("blend", user), "weights": sent}, user)
    again = params.parse("blend", params.values_of("blend", blend.as_dict()), user)
    stored, sent_again = (one.as_dict()["weights"] for one in (blend, again))
    assert sent_again == pytest.approx(stored)


def test_weights_are_parts_of_the_whole(user: User) -> None:
    blend = params.parse("blend", {**values_for("blend", user), "weights": "1,3"}, user)
    assert blend.options() == BlendOptions((0.25, 0.75), 0.5)
