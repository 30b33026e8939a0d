import pytest

from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap-pages.xml"])
def test_it_is_xml_for_everybody_and_may_be_kept_for_an_hour(path: str) -> None:
    answer = visitor().get(path)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/xml")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert visitor().post(path).status_code == 405
