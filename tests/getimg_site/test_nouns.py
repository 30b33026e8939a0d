from django.utils import translation

from getimg_site.nouns import counted


def test_thousands_are_grouped_as_the_reader_does() -> None:
    assert counted(1200, "credit") == "1,200 credits"
    with translation.override("de"):
        assert counted(1200, "credit").startswith("1.200 ")
