"""NEWS.md as a page: what people can do now, by the day since when. What changed within stands in CHANGELOG.md."""

from functools import cache

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

FILE = settings.BASE_DIR / "NEWS.md"


@cache
def changelog_html() -> SafeString:
    """Return what is new without its own title. HTML in it would be shown as text."""
    _, _, text = FILE.read_text(encoding="utf-8").partition("\n")
    html = str(MarkdownIt("commonmark", {"html": False}).render(text))
    return SafeString(mark_safe(html))  # noqa: S308  (our own file, HTML off)
