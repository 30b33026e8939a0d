"""What search engines are told: addresses that anybody may open, each with a picture and one canonical address."""

import re

import pytest

from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_every_address_of_the_sitemap_is_open_to_anybody() -> None:
    sitemap = words(visitor().get("/sitemap.xml"))
    paths = re.findall(r"<loc>https?://[^/]+(/[^<]*)</loc>", sitemap)

    assert {"/", "/pricing/", "/faq/", "/docs/", "/guides/steps/", "/terms/"} <= set(paths)
    for path in paths:
        assert visitor().get(path).status_code == 200, path


def test_a_page_has_one_address_and_a_picture_to_share() -> None:
    page = words(visitor().get("/pricing/?by=year"))

    assert re.search(r'<link rel="canonical" href="https?://[^"]+/pricing/">', page)
    assert 'property="og:image"' in page


def test_every_question_is_marked_as_one() -> None:
    page = words(visitor().get("/faq/"))

    assert page.count('itemtype="https://schema.org/Question"') == page.count("<h2") > 10
