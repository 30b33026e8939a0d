"""Who is offered for a video, and with what."""

from pathlib import Path

import pytest
from django.test import override_settings

from generation import video_form

pytestmark = pytest.mark.django_db


def test_the_starter_makes_videos_where_nothing_else_is_installed() -> None:
    form = video_form.form_of(None, is_advanced_open=False)
    assert [served.slug for served in form.models] == ["starter"]
    assert form.video.default_seconds == 3.0
    assert form.key != video_form.form_of(None, is_advanced_open=False).key


def test_a_model_that_was_made_for_videos_is_chosen_first(tmp_path: Path) -> None:
    (tmp_path / "stable-video-diffusion").mkdir()
    (tmp_path / "stable-video-diffusion" / "model_index.json").write_text("{}")
    with override_settings(MODELS_DIR=tmp_path):
        form = video_form.form_of(None, is_advanced_open=False)
        assert [served.slug for served in form.models] == ["stable-video-diffusion", "starter"]
        assert form.video.fps == 7
