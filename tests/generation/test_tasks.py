"""What the queue calls hands over: each entry is tried once, on real rows."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from generation import diffusions, erasing, export_worker, exports, tasks
from generation.models import Erasure, Export
from tests.generation.runs import make_person
from tests.generation.test_housekeeping import api_picture

pytestmark = pytest.mark.django_db


def test_tidying_removes_the_exports_whose_time_is_over() -> None:
    export = exports.order(make_person())
    export_worker.write(export.pk)
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    export.refresh_from_db()

    tasks.tidy()

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
