"""The pages that search engines are told of: all that anybody may read."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from generation.models.publication import has_showcase
from getimg_site import docs, guides, legal


class Pages(Sitemap[str]):
    """Public pages by their address."""

    protocol = None  # that of the request

    def items(self) -> list[str]:
        """Return the addresses."""
        names = ["landing", "pricing", "pricing_api", "faq", "changelog", "status", "wishes", "account_signup"]
        named = [reverse(name) for name in (*names, *(page.slug for page in legal.PAGES))]
        documented = [reverse("docs", args=[page.slug] if page.slug else []) for page in docs.PAGES]
        guided = [reverse("guides"), *(reverse("guide", args=[guide.slug]) for guide in guides.GUIDES)]
        shown = [reverse("generation:showcase"), reverse("generation:showcase_tags")] if has_showcase() else []
        return [*named, *shown, *documented, *guided]

    def location(self, item: str) -> str:
        """Return the address."""
        return item


SITEMAPS = {"pages": Pages}
