"""Who is offered for a video, and with what."""

from pathlib import Path

import pytest
from django.test import override_settings

from generation import video_form
from generation.models import Job
from tests.generation.runs import make_person
from tests.generation.trained import ready
from tests.generation.videos import submit_video

pytestmark = pytest.mark.django_db


def test_the_starter_makes_videos_where_nothing_else_is_installed() -> None:
    user = make_person()
    form = video_form.form_of(None, user, is_advanced_open=False)
    assert [served.slug for served in form.models] == ["starter"]
    assert form.video.default_seconds == 3.0
    assert form.key != video_form.form_of(None, user, is_advanced_open=False).key


def test_a_model_that_was_made_for_videos_is_chosen_first(tmp_path: Path) -> None:
    (tmp_path / "stable-video-diffusion").mkdir()
    (tmp_path / "stable-video-diffusion" / "model_index.json").write_text("{}")
    with override_settings(MODELS_DIR=tmp_path):
        form = video_form.form_of(None, make_person(), is_advanced_open=False)
        assert [served.slug for served in form.models] == ["stable-video-diffusion", "starter"]
        assert form.video.fps == 7


def test_ones_own_models_are_offered_and_those_of_a_run_that_is_taken_over_are_chosen() -> None:
    user = make_person(credits=1000)
    model, other = ready(user), ready(user, trigger_word="other")
    job = submit_video(user, loras=[{"id": str(model.pk), "weight": 0.5}])
    assert Job.objects.get(pk=job.pk).params["loras"][0]["sha256"] == model.sha256

    form = video_form.form_of(None, user, is_advanced_open=False)
    assert [own.is_chosen for own in form.own_models] == [False, False]
    branched = video_form.branched(form, user, job.pk)
    found = {own.model.pk: (own.is_chosen, own.weight) for own in branched.own_models}
    assert found == {model.pk: (True, "0.5"), other.pk: (False, "1")}
