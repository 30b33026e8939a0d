import pytest

from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_robots_are_kept_out_of_peoples_pages_and_led_to_the_sitemap() -> None:
    answer = visitor().get("/robots.txt")

    assert answer["Content-Type"].startswith("text/plain")
    assert "Disallow: /settings/" in words(answer)
    assert words(answer).rstrip().endswith("/sitemap.xml")
