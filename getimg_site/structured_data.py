"""What search engines are told of the site's own pages, in the words of schema.org: what is sold, the guides."""

import json
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from billing.models import Interval, Pack, Plan
from generation.structured_data import Thing, address, breadcrumbs, site
from getimg_site import docs
from getimg_site.feature_guides import FEATURES
from getimg_site.feature_guides.shapes import Feature
from getimg_site.guides import GUIDES, Guide

# Source: UN/CEFACT Recommendation 20, as schema.org takes it: month and year.
_UNITS = {Interval.MONTH: "MON", Interval.YEAR: "ANN"}
# What would end the element, or begin another, as Django's own `json_script` has it.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def script(things: Iterable[Thing]) -> SafeString:
    """Return things as the element that search engines read. It holds data: no browser runs it."""
    told = {"@context": "https://schema.org", "@graph": list(things)}
    text = json.dumps(told, ensure_ascii=False).translate(_ESCAPES)
    safe = mark_safe(text)  # noqa: S308  (escaped above)
    return format_html('<script type="application/ld+json">{}</script>', safe)


def of_studio(plans: Iterable[Plan], packs: Iterable[Pack], *, is_open: bool) -> list[Thing]:
    """Return the studio as a product: its plans by the month and the year, and its packs."""
    page = reverse("pricing")
    offers = [_plan(plan, by, page, is_open=is_open) for plan in plans for by in _intervals(plan)]
    offers += [_pack(pack, page, is_open=is_open) for pack in packs]
    about = gettext("Plans by the month or the year, credit packs, and the licence that comes with them.")
    return [_product(settings.SITE_NAME, about, page, offers), breadcrumbs((gettext("Pricing"), page))]


def of_api(packs: Iterable[Pack], *, is_open: bool) -> list[Thing]:
    """Return the API as a product of its own: its packs."""
    page = reverse("pricing_api")
    offers = [_pack(pack, page, is_open=is_open) for pack in packs]
    name = gettext("%(site)s API") % {"site": settings.SITE_NAME}
    about = gettext("The API is prepaid: packs of credits for programs, apart from the studio’s plans.")
    steps = ((gettext("Pricing"), reverse("pricing")), (gettext("API pricing"), page))
    return [*([_product(name, about, page, offers)] if offers else []), breadcrumbs(*steps)]


def of_guides() -> list[Thing]:
    """Return the list of guides."""
    page = reverse("guides")
    every: tuple[Guide | Feature, ...] = (*FEATURES, *GUIDES)
    listed = [
        {"@type": "ListItem", "position": place, "name": gettext(guide.title), "url": address(_guide(guide))}
        for place, guide in enumerate(every, start=1)
    ]
    title = gettext("Guides and prompt book")
    return [{"@type": "ItemList", "name": title, "itemListElement": listed}, breadcrumbs((gettext("Guides"), page))]


def of_guide(guide: Guide | Feature, text: str) -> list[Thing]:
    """Return one guide and all that it says."""
    title, page = gettext(guide.title), _guide(guide)
    article = _article(title, gettext(guide.about), page, guide.card)
    return [{**article, "articleBody": text}, breadcrumbs((gettext("Guides"), reverse("guides")), (title, page))]


def of_changelog() -> list[Thing]:
    """Return what is new."""
    title, page = gettext("What is new"), reverse("changelog")
    about = gettext("Changes of the studio, newest first.")
    return [_article(title, about, page, "img/share/changelog.jpg"), breadcrumbs((title, page))]


def of_docs(page: docs.Page) -> list[Thing]:
    """Return where a page of the documentation lies."""
    home = (gettext("API documentation"), reverse("docs"))
    return [breadcrumbs(home, *([(gettext(page.title), reverse("docs", args=[page.slug]))] if page.slug else []))]


def _intervals(plan: Plan) -> Sequence[Interval]:
    return (Interval.MONTH,) if plan.is_free else (Interval.MONTH, Interval.YEAR)


def _plan(plan: Plan, by: Interval, page: str, *, is_open: bool) -> Thing:
    price = _price(plan.cents(by), plan.currency)
    unit = {"@type": "QuantitativeValue", "value": 1, "unitCode": _UNITS[by]}
    offer = _offer(plan.name, price, f"{page}?by={by}", is_open=is_open or plan.is_free)
    return {**offer, "priceSpecification": {"@type": "UnitPriceSpecification", **price, "referenceQuantity": unit}}


def _pack(pack: Pack, page: str, *, is_open: bool) -> Thing:
    return _offer(pack.name, _price(pack.price_cents, pack.currency), page, is_open=is_open)


def _offer(name: str, price: Thing, page: str, *, is_open: bool) -> Thing:
    stock = "InStock" if is_open else "OutOfStock"
    told = {"@type": "Offer", "name": name, **price, "url": address(page)}
    return {**told, "availability": f"https://schema.org/{stock}", "seller": site()}


def _price(cents: int, currency: str) -> Thing:
    return {"price": f"{cents // 100}.{cents % 100:02}", "priceCurrency": currency.upper()}


def _product(name: str, about: str, page: str, offers: list[Thing]) -> Thing:
    image, brand = address(static("img/share/pricing.jpg")), {"@type": "Brand", "name": settings.SITE_NAME}
    told = {"@type": "Product", "name": name, "description": about, "url": address(page), "image": image}
    return {**told, "brand": brand, "offers": offers}


def _article(title: str, about: str, page: str, picture: str) -> Thing:
    told = {"@type": "Article", "headline": title, "description": about, "image": address(static(picture))}
    told |= {"url": address(page), "mainEntityOfPage": address(page), "inLanguage": get_language() or "en"}
    return {**told, "author": site(), "publisher": site()}


def _guide(guide: Guide | Feature) -> str:
    return reverse("guide", args=[guide.slug])
