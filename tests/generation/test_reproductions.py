"""A picture drawn again by the starter model, and what is said when it can't be, or is another."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from accounts.models import User
from generation import environments, lifecycle, reproductions
from generation.errors import ReproductionRefused
from generation.models import Image, Job, Reproduction
from generation.task_names import REPRODUCTION
from tests.generation.pictures import draw
from tests.generation.runs import balance, make_person, submit
from tests.generation.workers import drain

pytestmark = pytest.mark.django_db(transaction=True)


def picture(user: User) -> Image:
    return Image.objects.select_related("job", "environment").get(user=user)


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
