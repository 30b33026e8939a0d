"""A browser's window in a test: who signs up or is signed in there, and what its policy refused."""

import re
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, expect

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


def sign_up_from_the_first_page(page: Page, prompt: str, email: str = "neu@example.com") -> None:
    """Write a prompt on the first page, open an account to have it drawn, and see it in the form."""
    page.goto("/")
    page.locator("#prompt").fill(prompt)
    page.keyboard.press("Enter")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill("a long enough secret")
    page.get_by_role("button", name="Create my account").click()
    expect(page).to_have_url(re.compile("/create/$"))
    expect(page.locator("#prompt")).to_have_value(prompt)


class Held:
    """Requests that are on their way for as long as a test wants, as on a slow connection."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.routes: list[Route] = []
        page.route(address, self._hold)

    def wait_for(self, count: int) -> None:
        """Wait until so many were sent."""
        for _ in range(600):
            if len(self.routes) >= count:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{len(self.routes)} were sent, {count} were to be")

    def let_through(self) -> None:
        """Let those that were sent arrive."""
        while self.routes:
            self.routes.pop(0).continue_()

    def _hold(self, route: Route) -> None:
        self.routes.append(route)
