"""What the schedule runs for the site itself."""

import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from getimg_site import schedules, tasks


@pytest.mark.django_db
def test_the_day_removes_files_of_reports_that_are_gone() -> None:
    key = default_storage.save("reports/gone.txt", ContentFile(b"It broke."))
    os.utime(default_storage.path(key), (time.time() - 25 * 3600,) * 2)

    assert ("getimg_site.tasks.tidy", 24 * 60) in schedules.SCHEDULES
    assert tasks.tidy() >= 1

    assert not default_storage.exists(key)
