"""What the queue calls hands over: each entry is tried once, on real rows."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.utils import timezone

from generation import diffusions, erasing, export_worker, exports, tasks
from generation.errors import NotTidied
from generation.models import Erasure, Export, Image
from tests.generation.buckets import go_away
from tests.generation.runs import make_person
from tests.generation.test_housekeeping import api_picture
from tests.getimg_site.postgresql.test_base import end_the_session_behind_its_back

pytestmark = pytest.mark.django_db


def test_tidying_removes_the_exports_whose_time_is_over() -> None:
    export = exports.order(make_person())
    export_worker.write(export.pk)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    export.refresh_from_db()

    tasks.tidy()

    assert not default_storage.exists(export.file)


def test_a_bucket_that_is_away_keeps_nothing_else_from_being_tidied(settings: LazySettings, tmp_path: Path) -> None:
    picture = api_picture(days_ago=0)
    Image.objects.filter(pk=picture.pk).update(deleted_at=timezone.now() - timedelta(days=365))
    settings.SCRATCH_DIR = tmp_path
    left = tmp_path / "a-dead-run"
    left.mkdir()
    os.utime(left, (time.time() - 25 * 3600,) * 2)
    go_away(settings, refusals=1000)

    with pytest.raises(NotTidied, match=r"housekeeping\.purge_deleted"):
        tasks.tidy()

    assert not left.exists()
    assert Image.objects.get(pk=picture.pk).files == picture.files  # it is tried again the next time


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_costs_the_step_that_finds_out_and_no_other() -> None:
    export = exports.order(make_person())
    export_worker.write(export.pk)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    export.refresh_from_db()
    end_the_session_behind_its_back()

    with pytest.raises(NotTidied) as failed:
        tasks.tidy()

    assert len(failed.value.steps) == 1
    assert not default_storage.exists(export.file)


def test_what_a_program_deleted_is_gone_within_the_half_hour_that_it_was_told() -> None:
    picture = api_picture(days_ago=0)
    diffusions.delete(picture.job)

    assert dict(tasks.SCHEDULES)["generation.tasks.purge_api"] < 30
    assert tasks.purge_api() == 1

    assert not any(default_storage.exists(key) for key in picture.files)


def test_an_account_that_is_to_be_erased_is() -> None:
    erasing.request(make_person())

    assert tasks.erase_accounts() == 1

    assert Erasure.objects.get().finished_at is not None


def test_without_an_export_no_process_is_begun() -> None:
    assert tasks.begin_exports() == 0
