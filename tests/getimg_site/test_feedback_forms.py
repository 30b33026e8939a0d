import pytest

from getimg_site.feedback_forms import BugReportForm, WishForm

TEXT = {"text": "I pressed Generate and the button went away.", "email": "eve@example.com"}


def test_the_trap_is_for_those_who_are_not_signed_in() -> None:
    assert BugReportForm(TEXT, asks_for_email=True).is_valid()
    assert not BugReportForm({**TEXT, "leave_empty": "x"}, asks_for_email=True).is_valid()
    assert BugReportForm({**TEXT, "leave_empty": "x"}, asks_for_email=False).is_valid()


@pytest.mark.parametrize(("title", "is_valid"), [("  a   b   c ", False), ("Fold  pictures", True)])
def test_blanks_make_no_title(title: str, is_valid: bool) -> None:
    assert WishForm({"title": title, "text": ""}).is_valid() is is_valid
