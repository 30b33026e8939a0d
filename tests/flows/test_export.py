"""An export whose process is killed is begun anew, and whole in the end."""

import signal
import subprocess
import sys
import time
from datetime import timedelta
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generation import export_worker, exports
from generation.models import Export
from tests.generation.runs import finished, make_person
from tests.rules.tree import ROOT

PATIENCE_SECONDS = 240


@pytest.mark.django_db(transaction=True)
def test_a_killed_export_is_begun_anew_and_whole(child_environment: dict[str, str]) -> None:
    user = make_person(credits=1000)
    for _ in range(30):
        for image in finished(user, num_images=10).images.all():
            default_storage.save(image.file, ContentFile(bytes(2_000_000)))
    export = exports.order(user)
    command = [sys.executable, "manage.py", "write_export", str(export.pk)]

    process = subprocess.Popen(command, cwd=ROOT, env=child_environment)
    until = time.monotonic() + PATIENCE_SECONDS
    while Export.objects.get(pk=export.pk).pictures == 0 and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = Export.objects.get(pk=export.pk)
    assert killed.status == Export.Status.WORKING
    Export.objects.filter(pk=export.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    assert export_worker.write(export.pk)

    export.refresh_from_db()
    assert (export.attempt, export.pictures_done) == (2, 300)
    with default_storage.open(export.file) as file:
        names = ZipFile(file).namelist()
    assert len([name for name in names if name.startswith("pictures/")]) == 300
