"""What search engines are told: on every public page whole, true, and in no way that a browser would run."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from billing import plans
from billing.models import Pack, Plan, Product
from generation import showcase
from generation.models import Publication
from getimg_site import structured_data
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

_OFFER = {"name", "price", "priceCurrency", "url", "availability"}
# Source: Google Search Central, "Structured data": what each type has to say there, and for pictures may.
REQUIRED = {
    "Article": {"headline", "image", "author", "publisher", "url", "inLanguage"},
    "Brand": {"name"},
    "BreadcrumbList": {"itemListElement"},
    "CreativeWork": {"url"},
    "ImageObject": {
        *("contentUrl", "license", "acquireLicensePage", "creditText", "creator", "copyrightNotice"),
        *("digitalSourceType", "name", "width", "height"),
    },
    "ItemList": {"itemListElement"},
    "ListItem": {"position", "name"},
    "Offer": _OFFER,
    "Organization": {"name", "url", "logo"},
    "Person": {"name", "url"},
    "Product": {"name", "image", "description", "offers", "brand"},
    "ProfilePage": {"mainEntity", "url"},
    "QuantitativeValue": {"value", "unitCode"},
    "UnitPriceSpecification": {"price", "priceCurrency", "referenceQuantity"},
    "VideoObject": {"name", "thumbnailUrl", "uploadDate"},
}


def told(page: str) -> list[dict[str, Any]]:
    """Return the things that a page tells of; each with its type, and with all that one has to say."""
    found: list[dict[str, Any]] = []
    for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        said = json.loads(text)
        assert said["@context"] == "https://schema.org"
        found += said["@graph"]
    for thing in found:
        for one in parts(thing):
            missing = REQUIRED[one["@type"]] - {name for name, value in one.items() if value not in ("", None, [])}
            assert not missing, (one, missing)
    return found


def parts(thing: Any) -> Iterator[dict[str, Any]]:
    if isinstance(thing, dict):
        yield thing
        for value in thing.values():
            yield from parts(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from parts(value)


def of_type(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    [thing] = [thing for thing in found if thing["@type"] == name]
    return thing


@pytest.fixture
def shown(settings: LazySettings) -> Publication:
    settings.SHOWCASE = True
    person = make_person()
    person.display_name = "Ada </script><b>"
    person.save()
    return showcase.publish(draw(person, prompt="a red </script><i> fox"), is_listed=True, shows_recipe=True)


def test_every_public_page_tells_whole_things_at_addresses_that_are_there(
    shown: Publication, settings: LazySettings
) -> None:
    paths = re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", words(visitor().get("/sitemap-pages.xml")))
    of_pictures = [f"/s/{shown.token}/", f"/showcase/by/{shown.user_id}/"]
    pages = {path: words(visitor().get(path)) for path in {*paths, *of_pictures}}

    types = {path: {thing["@type"] for thing in told(page)} for path, page in pages.items()}
    assert types["/pricing/"] == types["/pricing/api/"] == {"Product", "BreadcrumbList"}
    assert types["/guides/"] == {"ItemList", "BreadcrumbList"}
    assert types["/changelog/"] == types["/guides/seed/"] == types["/guides/blend/"] == {"Article", "BreadcrumbList"}
    assert types["/docs/limits/"] == {"BreadcrumbList"}
    assert [types[path] for path in of_pictures] == [
        {"ImageObject", "BreadcrumbList"},
        {"ProfilePage", "BreadcrumbList"},
    ]
    own = {
        address
        for page in pages.values()
        for thing in told(page)
        for one in parts(thing)
        for name, address in one.items()
        if name in ("url", "item", "license", "acquireLicensePage", "contentUrl", "thumbnailUrl")
    }
    for address in own:
        assert address.startswith(f"{settings.SITE_URL}/")
        assert visitor().get(address.removeprefix(settings.SITE_URL)).status_code == 200, address


def test_the_studio_and_the_api_are_two_products_with_every_price(shown: Publication) -> None:
    studio = of_type(told(words(visitor().get("/pricing/"))), "Product")
    api = of_type(told(words(visitor().get("/pricing/api/"))), "Product")

    prices = {(offer["name"], offer["price"]) for offer in studio["offers"]}
    cents = {(plan.name, value) for plan in plans.offered_plans() for value in {plan.month_cents, plan.year_cents}}
    cents |= {(pack.name, pack.price_cents) for pack in plans.offered_packs(Product.SITE)}
    assert prices == {(name, f"{value / 100:.2f}") for name, value in cents}
    assert {(offer["name"], offer["price"]) for offer in api["offers"]} == {
        (pack.name, f"{pack.price_cents / 100:.2f}") for pack in plans.offered_packs(Product.API)
    }
    assert studio["name"] != api["name"]
    units = {
        offer.get("priceSpecification", {}).get("referenceQuantity", {}).get("unitCode") for offer in studio["offers"]
    }
    assert units == {"MON", "ANN", None}


def test_what_cannot_be_bought_now_is_not_told_to_be_in_stock() -> None:
    free = Plan(slug="free", name="Free", currency="usd")
    pack = Pack(name="Pack", price_cents=905, currency="eur")

    closed = structured_data.of_studio([free], [pack], is_open=False)[0]["offers"]

    assert [offer["availability"].rpartition("/")[2] for offer in closed] == ["InStock", "OutOfStock"]
    assert [(offer["price"], offer["priceCurrency"]) for offer in closed] == [("0.00", "USD"), ("9.05", "EUR")]


def test_what_people_wrote_ends_no_element(shown: Publication) -> None:
    page = words(visitor().get(f"/s/{shown.token}/"))

    picture = of_type(told(page), "ImageObject")
    assert (picture["creditText"], picture["name"]) == ("Ada </script><b>", "a red </script><i> fox")
    assert "</script><" not in page.replace("</script>\n", "")


def test_of_a_picture_that_a_link_alone_leads_to_nothing_is_told(shown: Publication) -> None:
    Publication.objects.update(place=None)

    assert told(words(visitor().get(f"/s/{shown.token}/"))) == []
