"""A process that a test forks while a browser is open: it has the test's database, by a connection of its own."""

import pytest
from django.db import connection
from playwright.sync_api import Page

from accounts.models import User
from tests.factories import make_user
from tests.generation.workers import run_forked


@pytest.mark.django_db(transaction=True)
def test_a_forked_process_has_a_connection_of_its_own_while_a_browser_is_open(page: Page) -> None:
    user = make_user()

    def rename() -> None:
        assert connection.connection is None
        User.objects.filter(pk=user.pk).update(display_name="Renamed")

    run_forked(rename)

    user.refresh_from_db()
    assert user.display_name == "Renamed"
