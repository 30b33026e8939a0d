"""What browsers and proxies may keep of a person's pages."""

import pytest
from django.test import Client

from tests.factories import make_user
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/settings/profile/", "private, no-store"),
        ("/settings/billing/", "private, no-store"),
        ("/accounts/2fa/", "private, no-store"),
        ("/library/", "private, no-cache"),
        ("/create/", "private, no-cache"),
        ("/pricing/", "private, no-cache"),
        ("/nothing-here/", "private, no-cache"),
        ("/robots.txt", "public, max-age=3600"),
    ],
)
def test_a_persons_pages_are_theirs_alone(path: str, kept: str) -> None:
    response = visitor(make_user()).get(path, follow=True)

    found = set(response["Cache-Control"].split(", "))
    assert found >= set(kept.split(", "))


def test_the_page_of_a_stranger_is_left_alone() -> None:
    assert not Client().get("/pricing/").has_header("Cache-Control")
