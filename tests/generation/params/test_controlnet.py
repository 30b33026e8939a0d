"""What guides a drawing, and whether its map can be drawn here."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from generation import params
from generation.errors import InvalidParams
from tests.generation.runs import make_person
from tests.generation.test_catalog import install
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("control", ["depth", "pose"])
def test_a_map_that_nobody_draws_here_has_to_be_brought(control: str, settings: LazySettings, tmp_path: Path) -> None:
    user = make_person()
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8", f"controlnet-{control}")
    values = {"image": brought(user).reference, "prompt": "a hall", "model": "dreamshaper-8", "control": control}

    with pytest.raises(InvalidParams) as caught:
        params.parse("controlnet", values, user)
    [error] = caught.value.errors
    assert error.field == "is_map"
    assert "Bring such a map" in error.message
    assert params.parse("controlnet", {**values, "is_map": "true"}, user).as_dict()["is_map"]

    install(tmp_path, "depth-anything-v2", "vitpose")
    assert not params.parse("controlnet", values, user).as_dict()["is_map"]


def test_a_control_that_the_model_has_not_is_refused_with_those_it_has(settings: LazySettings, tmp_path: Path) -> None:
    user = make_person()
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8", "controlnet-canny")
    values = {"image": brought(user).reference, "prompt": "a hall", "model": "dreamshaper-8"}

    with pytest.raises(InvalidParams, match="no ControlNet for scribble here; choose canny"):
        params.parse("controlnet", {**values, "control": "scribble"}, user)
    with pytest.raises(InvalidParams, match="high threshold 20 is below the low one, 100"):
        params.parse("controlnet", {**values, "high_threshold": "20"}, user)
