from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.conf import LazySettings

from generation.api import answers
from generation.models import Job


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2023, 1, 1, tzinfo=UTC), "2023-01-01T00:00:00.000Z"),
        (datetime(2023, 1, 1, 0, 1, 18, 239_999, tzinfo=UTC), "2023-01-01T00:01:18.239Z"),
        (datetime(2023, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), "2023-01-01T00:00:00.000Z"),
        (None, None),
    ],
)
def test_a_moment_is_utc_with_milliseconds(moment: datetime | None, text: str | None) -> None:
    assert answers.stamp(moment) == text


def test_an_address_is_whole_and_a_buckets_link_stays_as_it_is(settings: LazySettings) -> None:
    settings.SITE_URL = "https://getimg.example"
    assert answers.absolute("/media/1/x/picture.png") == "https://getimg.example/media/1/x/picture.png"
    signed = "https://bucket.example/picture.png?X-Amz-Signature=ab&X-Amz-Expires=1"
    assert answers.absolute(signed) == signed


def test_settings_stand_in_one_order_under_the_requests_names() -> None:
    job = Job(
        task="text-to-image",
        params={"seed": 1, "num_inference_steps": 25, "num_images": 2, "model": "starter", "prompt": "a fox"},
    )

    assert list(answers.params_of(job).items()) == [("prompt", "a fox"), ("numImages", 2), ("steps", 25), ("seed", 1)]


@pytest.mark.parametrize(
    ("status", "stored", "far"),
    [("FINISHED", 4, (25, 25, 100)), ("FINISHED", 3, (18, 25, 75)), ("CANCELED", 0, (0, 25, 0)), ("NEW", 0, (0, 0, 0))],
)
def test_what_has_ended_is_as_far_as_its_pictures(status: str, stored: int, far: tuple[int, int, int]) -> None:
    job = Job(status=status, num_images=4, images_stored=stored, params={"num_inference_steps": 25})

    assert tuple(answers.progress_of(job).values()) == far


def test_a_task_without_steps_counts_its_pictures() -> None:
    job = Job(status="FINISHED", num_images=1, images_stored=1, params={"factor": 4})

    assert answers.progress_of(job) == {"step": 1, "of": 1, "percent": 100}


def test_a_run_without_trouble_has_no_error() -> None:
    assert answers.error_of(Job()) is None
    assert (answers.error_of(Job(error_message="Gone.")) or {})["code"] == "incomplete"
