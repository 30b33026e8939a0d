import pytest

from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_the_changelog_is_a_page_with_one_title() -> None:
    page = words(visitor().get("/changelog/"))

    assert page.count("<h1") == 1
    assert "<h2>Unreleased</h2>" in page
    assert "<li>" in page
