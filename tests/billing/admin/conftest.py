"""Who looks at the admin in these tests. The apps are ready only when a test runs."""

import pytest
from django.test import Client


@pytest.fixture
def operator(db: None) -> Client:
    """Return the browser of somebody who may do everything."""
    return _staff(is_superuser=True)


@pytest.fixture
def clerk(db: None) -> Client:
    """Return the browser of somebody of the staff who may do nothing."""
    return _staff()


def _staff(**fields: bool) -> Client:
    from tests.factories import make_user
    from tests.visitors import visitor

    return visitor(make_user(is_staff=True, **fields))
