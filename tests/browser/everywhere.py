"""Every page of the site, with something of each kind on it: the addresses are walked, so that none is forgotten.

What is left out are operators' pages (`office.py`), what is no page (files, feeds, pieces of pages) and what somebody
else's shop shows.
"""

from collections.abc import Callable
from typing import Any

from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Route

from accounts.models import User
from generation import custom_models, showcase
from generation.models import CustomModel, Image
from getimg_site import feature_guides, guides
from getimg_site.docs import PAGES as DOCS
from tests.browser.office import make_operator
from tests.generation.runs import make_person
from tests.security.addresses import Reach, all_addresses
from tests.security.belongings import Belongings, make_belongings
from tests.security.test_url_matrix import say_password

# Texts and pages of each that an address stands for, and where people look for what they have.
MORE_PUBLIC = [
    *(f"/guides/{slug}/" for slug in (*guides.BY_SLUG, *feature_guides.BY_SLUG)),
    *(f"/docs/{page.slug}/" for page in DOCS if page.slug),
    *("/wishes/?state=done", "/nowhere/"),
]
MORE_OWN = ["/library/?q=kanari", "/library/?q=nothing+like+it", "/create/?prompt=a+fox", "/accounts/logout/"]
# What an operator sees who looks at the site as the owner: with a bar that ends it, and a page that stays closed.
SEEN_AS = ["/library/", "/settings/your-data/erase/"]
ERRORS = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html", "getimg_site/database_away.html"]
# What is shown where nobody can be asked who reads.
_ASKS_NOBODY = {"500.html", "getimg_site/database_away.html"}
# A file; it is sent once.
_LEFT_OUT = {"generation:download_export"}


class Everywhere:
    """Who has one of everything, and somebody who has nothing yet, with a client for each."""

    def __init__(self) -> None:
        """Make both; the first shows a picture and a model to others."""
        self.made: Belongings = make_belongings()
        self.owner, self.newcomer = self.made.owner, make_person("new@example.com")
        self.support = make_operator()
        self.clients = {user: _signed_in(user) for user in (self.owner, self.newcomer, self.support)}
        ask = reverse("admin:accounts_user_view_as", args=[self.owner.pk])
        assert self.clients[self.support].post(ask, {"reason": "Ticket 7"}).status_code == 302
        picture = showcase.publish(Image.objects.get(pk=self.made.at["image_id"]), is_listed=True, shows_recipe=True)
        model = CustomModel.objects.get(pk=self.made.at["ready_model_id"])
        self._links = [f"/s/{picture.token}/", f"/models/shared/{custom_models.share(model)}/"]

    def public(self) -> list[str]:
        """Return what anybody can open, as who is not signed in."""
        return [*self._pages(Client(), Reach.PUBLIC, Reach.LINK), *MORE_PUBLIC, *self._links]

    def own(self) -> list[str]:
        """Return what everybody has who is signed in, as who has something of everything."""
        return [*self._pages(self.clients[self.owner], Reach.OWN), *MORE_OWN]

    def owned(self) -> list[str]:
        """Return the pages of single things."""
        return self._pages(self.clients[self.owner], Reach.OWNER)

    def new(self) -> list[str]:
        """Return what looks otherwise, or is open, to who has nothing yet."""
        return self._pages(self.clients[self.newcomer], Reach.OWN)

    def enter(self, context: BrowserContext, user: User, base_url: str) -> None:
        """Put a person's session into a browser; their password was given just now."""
        session: Any = self.clients[user].cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": session.value, "url": base_url}])

    def _pages(self, client: Client, *reaches: Reach) -> list[str]:
        found = []
        for address in all_addresses():
            if address.reach in reaches and not address.name.startswith("api:") and address.name not in _LEFT_OUT:
                path = address.path(self.made.at)
                answer = client.get(path)
                is_page = answer.get("Content-Type", "").startswith("text/html") and not answer.streaming
                if answer.status_code == 200 and is_page and b"</html>" in answer.content:
                    found.append(path)
        # Some stand in the lists below as well.
        return [path for path in found if path not in (*MORE_PUBLIC, *MORE_OWN)]


def show_errors(page: Page) -> list[str]:
    """Have the browser find each error page at an address of its own; returns the addresses."""
    paths = []
    for name in ERRORS:
        html = render_to_string(name, request=None if name in _ASKS_NOBODY else _anonymous())
        page.route(f"**/shown-{name}", answering(html))
        paths.append(f"/shown-{name}")
    return paths


def answering(html: str) -> Callable[[Route], None]:
    """Return what answers a browser's request with this page."""
    return lambda route: route.fulfill(body=html, content_type="text/html")


def _anonymous() -> Any:
    from django.contrib.auth.models import AnonymousUser

    request: Any = RequestFactory().get("/")
    request.user, request.session = AnonymousUser(), {}
    return request


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    say_password(client, user)
    return client
