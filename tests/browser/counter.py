"""The site's own shop in a browser test: a hand for its forms, its letters when the test says so, its time."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django_q.models import OrmQ
from playwright.sync_api import Page

from billing import tasks
from billing.models import DueNotice
from billing.test_shop import clock
from billing.test_shop.app import Shop

VISA = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
ALWAYS_ASKS = "4000 0027 6000 3184"
FAILS_LATER = "4000 0000 0000 0341"


@dataclass(frozen=True)
class Counter:
    """The embedded shop. Letters go to the live server's webhook, over HTTP, when `post` is called."""

    shop: Shop

    def pay(self, page: Page, card: str = VISA) -> None:
        """Fill in the shop's card form and send it."""
        page.get_by_label("Card number").fill(card)
        page.get_by_label("Expires").fill("12 / 40")
        page.get_by_label("Security code").fill("123")
        page.get_by_role("button", name="Subscribe").or_(page.get_by_role("button", name="Pay $")).click()

    def post(self) -> list[str]:
        """Deliver the shop's letters, process them and send the mails that follow; returns the mails' kinds."""
        self.shop.courier.deliver()
        tasks.process_events()
        OrmQ.objects.all().delete()
        kinds = list(DueNotice.objects.order_by("pk").values_list("kind", flat=True))
        tasks.send_notices()
        return kinds

    def documents(self, kind: str, **where: Any) -> list[dict[str, Any]]:
        """Return the shop's documents of a kind whose fields have these values, newest first."""
        with self.shop.store.books() as books:
            return books.all(kind, **where)

    def advance(self, days: int) -> None:
        """Move the shop's time on; what falls into it happens."""
        with self.shop.store.books() as books:
            books.base_url = self.shop.base_url
            clock.move_on(books, days * 86400)


def connect(url: str) -> None:
    """Point the settings at the embedded shop of a site that is served at this address."""
    settings.TEST_SHOP = True
    settings.SITE_URL = url
    settings.PORT = int(url.rpartition(":")[2])
    settings.STRIPE_API_BASE = ""
    settings.STRIPE_SECRET_KEY = "sk_test_embedded_shop"
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_embedded"]
