"""After an erasure nothing on the board or among the reports says whose it was."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generation import erasing
from getimg_site import attachments, bug_reports, closing
from getimg_site import wishes as board
from getimg_site.models import BugReport, BugReportFile, Wish
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_reports_and_voices_go_and_wishes_lose_their_author() -> None:
    user, other = make_user(), make_user()
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    sent = attachments.read("shot.png", file.getvalue())
    bug_reports.keep(BugReport(author=user, text="It broke."), [sent])
    bug_reports.keep(BugReport(email=user.email.upper(), text="It broke again."), [sent])
    bug_reports.keep(BugReport(email="eve@example.com", text="Mine, too."), [])
    keys = list(BugReportFile.objects.values_list("file", flat=True))
    assert len(keys) == 2
    own, others = board.add(user, "Draw larger pictures", "I am Ada."), board.add(other, "Draw by voice", "")
    board.vote(user, others)

    for _ in range(2):  # begun again after a kill
        closing.forget(user)

    assert BugReport.objects.get().email == "eve@example.com"
    assert not [key for key in keys if default_storage.exists(key)]
    own, others = Wish.objects.get(pk=own.pk), Wish.objects.get(pk=others.pk)
    assert (own.author, own.text, own.votes_count) == (None, "", 0)
    assert others.votes_count == 1


def test_an_erasure_does_it() -> None:
    assert closing.forget in erasing.further_steps
