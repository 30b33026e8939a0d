"""A report's files go with it, on disk and in a bucket, whoever deletes it and whatever was cut short."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from generation import storage
from getimg_site import bug_reports
from getimg_site.attachments import Attachment
from getimg_site.models import BugReport, BugReportFile
from tests.services import S3Server

pytestmark = pytest.mark.django_db
LIST = "/admin/getimg_site/bugreport/"


@pytest.fixture(params=["disk", "bucket"], autouse=True)
def stored(request: pytest.FixtureRequest, settings: LazySettings) -> None:
    """Keep files in both places that a site may have, and begin with none."""
    if request.param == "bucket":
        s3: S3Server = request.getfixturevalue("s3")
        options = {
            "bucket_name": s3.bucket,
            "endpoint_url": s3.endpoint_url,
            "access_key": s3.access_key,
            "secret_key": s3.secret_key,
            "region_name": s3.region,
        }
        backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": backend}
    storage.delete(*storage.files_under("reports"))


@pytest.fixture
def operator(client: Client) -> Client:
    """Return the browser of somebody who runs the site."""
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    return client


def kept(text: str) -> tuple[BugReport, str]:
    """Return a report with a file, and the key of that."""
    report = BugReport(email="eve@example.com", text=text)
    bug_reports.keep(report, [Attachment("a.log", text.encode(), ".txt", "text/plain")])
    return report, BugReportFile.objects.get(report=report).file


def delete_page(report: BugReport, client: Client) -> None:
    client.post(f"{LIST}{report.pk}/delete/", {"post": "yes"})


def delete_selected(report: BugReport, client: Client) -> None:
    client.post(LIST, {"action": "delete_selected", "_selected_action": [report.pk], "post": "yes"})


@pytest.mark.parametrize("delete", [delete_page, delete_selected])
def test_what_an_operator_deletes_takes_its_files_along_and_no_others(
    operator: Client,
    delete: Callable[[BugReport, Client], None],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    (report, key), (other, others) = kept("It broke."), kept("Mine, too.")

    with django_capture_on_commit_callbacks(execute=True):
        delete(report, operator)

    assert BugReport.objects.get() == other
    assert not default_storage.exists(key)
    assert default_storage.exists(others)


def test_a_file_that_the_store_refuses_to_remove_does_not_stop_the_deletion(
    operator: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    report, _ = kept("It broke.")
    BugReportFile.objects.filter(report=report).update(file="../outside")

    with django_capture_on_commit_callbacks(execute=True):
        delete_page(report, operator)

    assert not BugReport.objects.exists()


def test_a_deletion_that_is_taken_back_leaves_the_files(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    report, key = kept("It broke.")

    with django_capture_on_commit_callbacks():
        bug_reports.delete(BugReport.objects.filter(pk=report.pk))

    assert default_storage.exists(key)


def test_files_that_no_report_names_go_when_they_are_a_day_old() -> None:
    (_, key), (report, left) = kept("It broke."), kept("Deleted before files went along.")
    report.delete()

    assert bug_reports.remove_leftovers() == 0, "it may be on its way to its row"
    tomorrow = timezone.now() + timedelta(hours=25)
    assert bug_reports.remove_leftovers(tomorrow) == 1
    assert bug_reports.remove_leftovers(tomorrow) == 0

    assert default_storage.exists(key)
    assert not default_storage.exists(left)
