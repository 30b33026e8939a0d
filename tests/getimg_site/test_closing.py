"""After an erasure nothing on the board or among the reports says whose it was."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generation import erasing
from getimg_site import bug_reports, closing
from getimg_site import wishes as board
from getimg_site.models import BugReport, BugReportPicture, Wish
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_reports_and_voices_go_and_wishes_lose_their_author() -> None:
    user, other = make_user(), make_user()
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "PNG")
    bug_reports.keep(BugReport(author=user, text="It broke."), [file.getvalue()])
    key = BugReportPicture.objects.get().file
    own, others = board.add(user, "Draw larger pictures", "I am Ada."), board.add(other, "Draw by voice", "")
    board.vote(user, others)

    for _ in range(2):  # begun again after a kill
        closing.forget(user)

    assert not BugReport.objects.exists()
    assert not default_storage.exists(key)
    own, others = Wish.objects.get(pk=own.pk), Wish.objects.get(pk=others.pk)
    assert (own.author, own.text, own.votes_count) == (None, "", 0)
    assert others.votes_count == 1


def test_an_erasure_does_it() -> None:
    assert closing.forget in erasing.further_steps
