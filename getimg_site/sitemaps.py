"""The addresses that search engines are told of: all that anybody may read, and that is there."""

from datetime import date

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from accounts import switches
from accounts.models import Feature
from generation import showcase
from generation.models.publication import has_showcase
from getimg_site import docs, feature_guides, guides, legal

# A file may have 50,000 addresses, and so may the list of files. Source: sitemaps.org. Of each shown picture a file
# has two at the most, its own page and its author's.
SHOWN_MAX = 25_000
# The list of days takes a short query for each, so it is kept for as long as those who fetch it may keep it, too.
DAYS_MAX = 2_000
KEPT_SECONDS = 3600


def pages() -> list[str]:
    """Return the paths of the site's own public pages."""
    names = ["landing", "pricing", "pricing_api", "faq", "changelog", "status", "bug_report", "generation:verify"]
    names += [] if settings.FEATURE_REQUESTS_URL else ["wishes"]
    names += ["account_signup"] if switches.is_on(Feature.SIGN_UPS) else []
    names += ["generation:showcase", "generation:showcase_tags"] if has_showcase() else []
    named = [reverse(name) for name in (*names, *(page.slug for page in legal.PAGES))]
    documented = [reverse("docs", args=[page.slug] if page.slug else []) for page in docs.PAGES]
    guided = [
        reverse("guides"),
        *(reverse("guide", args=[slug]) for slug in (*guides.BY_SLUG, *feature_guides.BY_SLUG)),
    ]
    return [*named, *documented, *guided]


def days() -> list[date]:
    """Return the days on which something came into the showcase, the newest first."""
    if not has_showcase():
        return []
    found: list[date] = cache.get_or_set("sitemap:days", lambda: showcase.days(DAYS_MAX), KEPT_SECONDS) or []
    return found


def shown(day: date) -> list[str]:
    """Return the paths of what came into the showcase on a day (UTC), and of who made it."""
    found = showcase.of_day(day, SHOWN_MAX)
    pictures = [reverse("generation:shared_picture", args=[token]) for token, _ in found]
    authors = dict.fromkeys(author for _, author in found)
    return [*pictures, *(reverse("generation:showcase_author", args=[author]) for author in authors)]
