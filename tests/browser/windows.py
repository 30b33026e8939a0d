"""A browser's window in a test: who is signed in there, and what its policy refused."""

from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from accounts.models import User
from tests.visitors import visitor


def sign_in(context: BrowserContext, user: User, base_url: str) -> None:
    """Put the user's session into a browser."""
    session: Any = visitor(user).cookies["sessionid"]
    context.add_cookies([{"name": "sessionid", "value": session.value, "url": base_url}])


def watch_policy(page: Page) -> list[str]:
    """Return a list that fills with what goes wrong in the page's scripts and policy."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found
