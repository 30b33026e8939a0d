"""A picture drawn again by the starter model, and what is said when it can't be, or is another."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from accounts.models import User
from generation import environments, lifecycle, manifests, reproductions, storing
from generation.errors import ReproductionRefused
from generation.models import Clip, Image, Job, Reproduction
from generation.task_names import REPRODUCTION
from tests.generation.buckets import go_away
from tests.generation.pictures import draw
from tests.generation.runs import balance, make_person, submit
from tests.generation.videos import clip_of, submit_video
from tests.generation.workers import drain

pytestmark = pytest.mark.django_db(transaction=True)


def picture(user: User) -> Image:
    return Image.objects.select_related("job", "environment").get(user=user)


def verdict(image: Image) -> Reproduction:
    """Return what was found the last time. Fails where nothing was."""
    result = reproductions.face_of(image).result
    assert result is not None
    return result


def drawn(user: User, settings: LazySettings, **values: Any) -> Image:
    """Have the starter draw a picture."""
    settings.ENGINE_BACKEND = "diffusers"
    submit(user, num_inference_steps=4, seed=5, **values)
    drain()
    return picture(user)


def test_the_starter_draws_the_same_again_bit_for_bit_and_nothing_is_kept_or_charged(settings: LazySettings) -> None:
    user = make_person(credits=10)
    image = drawn(user, settings)
    left = balance(user)

    reproductions.order(user, image)
    drain()

    face = reproductions.face_of(image)
    assert face.result is not None
    assert face.result.is_identical
    assert face.result.pixels_sha256 == image.pixels_sha256
    assert (face.changes, face.is_recorded) == ([], True)
    assert (Image.objects.filter(user=user).count(), balance(user)) == (1, left)
    assert not Job.objects.visible_to(user).filter(task=REPRODUCTION).exists()


def test_a_picture_of_several_comes_again_bit_for_bit_as_it_was_drawn_among_them(settings: LazySettings) -> None:
    user = make_person(credits=10)
    settings.ENGINE_BACKEND = "diffusers"
    submit(user, num_inference_steps=2, seed=5, num_images=3)
    drain()
    images = list(Image.objects.select_related("job", "environment").filter(user=user).order_by("index"))
    assert [(image.pass_place, image.pass_size) for image in images] == [(0, 3), (1, 3), (2, 3)]
    assert manifests.of_picture(images[1])["pass"] == {"place": 1, "size": 3}

    for image in images[1:]:
        reproductions.order(user, image)
        drain()

    for image in images[1:]:
        result = reproductions.face_of(image).result
        assert result is not None
        assert (result.max_difference, result.pixels_sha256) == (0, image.pixels_sha256)
    assert Image.objects.filter(user=user).count() == 3


def test_every_frame_of_a_video_is_compared(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    user = make_person(credits=100)
    first, other = submit_video(user, frames=8), submit_video(user, frames=8, seed=7)
    drain()
    video = Image.objects.select_related("job", "clip", "environment").get(job=first)
    clip = clip_of(video)
    assert manifests.of_picture(video)["video"]["frames_sha256"] == clip.frames_sha256 != ""

    reproductions.order(user, video)
    drain()
    assert verdict(video).is_identical

    # Its first frame is as it was, the others are another video's.
    Clip.objects.filter(pk=clip.pk).update(frames_sha256="0" * 64, mp4=Clip.objects.get(image__job=other).mp4)
    reproductions.order(user, video)
    drain()
    result = verdict(video)
    assert result.pixels_sha256 == video.pixels_sha256
    assert not result.is_identical
    assert result.psnr is not None
    assert result.psnr < 30


def test_a_video_from_before_its_frames_were_noted_is_compared_as_it_looks(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    user = make_person(credits=100)
    job = submit_video(user, frames=8)
    drain()
    Clip.objects.filter(image__job=job).update(frames_sha256="")
    video = Image.objects.select_related("job", "clip", "environment").get(job=job)

    reproductions.order(user, video)
    drain()

    assert verdict(video).is_identical


def test_a_replaced_checksum_is_refused_before_and_reported_after(settings: LazySettings) -> None:
    user = make_person(credits=10)
    image = drawn(user, settings)
    order = reproductions.order(user, image)
    assert image.environment is not None
    facts = image.environment.facts
    facts["model"]["weights_sha256"] = "0" * 64
    facts["versions"]["torch"] = "1.0"
    Image.objects.filter(pk=image.pk).update(environment_id=environments.keep(facts))

    drain()

    image = picture(user)
    changed = {name: then for name, then, _ in reproductions.face_of(image).changes}
    assert changed == {"weights of starter": "0" * 64, "version of torch": "1.0"}
    assert order.image_id == image.pk
    with pytest.raises(ReproductionRefused, match="were replaced since: it was drawn with 000000000000"):
        reproductions.order(user, image)


def test_a_comparison_waits_for_a_bucket_that_is_away(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ENGINE_BACKEND = "noop"
    user = make_person(credits=10)
    submit(user)
    drain()
    image = picture(user)
    reproductions.order(user, image)
    monkeypatch.setattr(storing, "_STORE_PAUSE_SECONDS", 0.01)
    go_away(settings, refusals=settings.JOB_MAX_ATTEMPTS + 1)

    drain()

    assert verdict(image).is_identical
    assert Job.objects.get(task=REPRODUCTION).attempt == 1


def test_another_picture_is_measured(settings: LazySettings) -> None:
    settings.ENGINE_BACKEND = "noop"
    user = make_person()
    image = draw(user)  # noise, while the no-op engine draws one colour

    reproductions.order(user, image)
    drain()

    result = Reproduction.objects.get(image=image)
    assert result.max_difference is not None
    assert result.max_difference > 100
    assert result.psnr is not None
    assert result.psnr < 15
    assert result.ssim is not None
    assert result.ssim < 0.2


def test_one_at_a_time_and_so_many_a_day(settings: LazySettings) -> None:
    user = make_person()
    first, second = draw(user), draw(user)
    settings.REPRODUCTIONS_A_DAY = 2

    order = reproductions.order(user, first)

    assert reproductions.order(user, first) == order  # a double click
    with pytest.raises(ReproductionRefused, match="Another picture is being verified"):
        reproductions.order(user, second)
    lifecycle.cancel(order.job)
    lifecycle.cancel(reproductions.order(user, second).job)
    with pytest.raises(ReproductionRefused, match="2 pictures can be verified within a day"):
        reproductions.order(user, first)


def test_refusals_say_why() -> None:
    user = make_person()
    image = draw(user)

    Job.objects.filter(pk=image.job_id).update(served_by="gone-model")
    with pytest.raises(ReproductionRefused, match="gone-model was withdrawn"):
        reproductions.order(user, picture(user))
    lora = {"id": "0190f1f0-0000-7000-8000-000000000000", "name": "Bruno", "sha256": "a" * 64, "weight": 1.0}
    Job.objects.filter(pk=image.job_id).update(served_by="starter", params={**image.job.params, "loras": [lora]})
    with pytest.raises(ReproductionRefused, match="“Bruno” was deleted, or its weights were replaced"):
        reproductions.order(user, picture(user))
    default_storage.delete(image.file)
    with pytest.raises(ReproductionRefused, match="file is gone"):
        reproductions.order(user, picture(user))


def test_a_deleted_input_is_refused() -> None:
    user = make_person()
    source, image = draw(user), draw(user)
    image.job.inputs.create(
        role="image", kind="image", image=source, source_id=source.pk, width=96, height=96, sha256=source.sha256
    )
    default_storage.delete(source.file)

    with pytest.raises(ReproductionRefused, match="began from was deleted"):
        reproductions.order(user, image)


def test_a_run_that_fails_says_why_without_a_word_of_credits() -> None:
    user = make_person()
    image = draw(user)
    order = reproductions.order(user, image)
    found = lifecycle.claim("w1")
    assert found is not None
    lifecycle.fail(found.jobs[0], found.jobs[0].attempt, code="lora_gone", message="Your credits are back")

    face = reproductions.face_of(image)

    assert face.failure.startswith("a model of your own")
    assert order.job.credits == 0
