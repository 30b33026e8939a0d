import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

from getimg_site import pseudo_locale


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("%(count)s pictures", "%(count)s"),
        ("This &amp; that", "&amp;"),
        ("{limit} left", "{limit}"),
        ("A <b>fox", "<b>"),
    ],
)
def test_places_tags_and_entities_stay(text: str, kept: str) -> None:
    found = pseudo_locale.pseudo(text)

    assert kept in found
    assert len(found) >= len(text) + 0.3 * len(text.replace(kept, ""))
    assert not set(found.replace(kept, "")) & set("aeiouAEIOU")


def test_every_way_to_ask_is_answered() -> None:
    pseudo_locale.install()
    with translation.override(pseudo_locale.CODE):
        assert gettext("Hello").startswith("⟦Ĥé")
        assert pgettext("a greeting", "Hello") == gettext("Hello")
        assert ngettext("%(n)s fox", "%(n)s foxes", 2) % {"n": 2} != ngettext("%(n)s fox", "%(n)s foxes", 1) % {"n": 1}
    assert gettext("Hello") == "Hello"


def test_a_page_speaks_it_only_where_it_is_switched_on(client: Client, settings: LazySettings, db: None) -> None:
    client.cookies["django_language"] = pseudo_locale.CODE

    assert "⟦" not in client.get("/pricing/").content.decode()
    settings.PSEUDO_LOCALE = True
    page = client.get("/pricing/").content.decode()

    assert "⟦" in page
    assert '<html lang="en-xa"' in page
    assert "⟦" not in client.get("/v1/models").content.decode()
