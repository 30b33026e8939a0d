"""Who opens a page in a test: nobody in particular, or somebody who is signed in."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from accounts.models import User

# What htmx sends with each of its requests.
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/create/"}


def visitor(user: User | None = None) -> Client:
    """Return a browser; signed in when `user` is given."""
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def words(response: Any) -> str:
    """Return the page's text as it was sent."""
    assert isinstance(response, HttpResponse)
    return response.content.decode()


def assert_sent_to_login(response: Any, back_to: str) -> None:
    """Check that the visitor was asked to log in and will come back."""
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={back_to}"
