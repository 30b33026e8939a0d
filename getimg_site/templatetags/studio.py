"""Tags and filters of the pages: icons, links to pictures, ratios, numbers in words."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import RequestContext
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext

from billing.money import amount, sign
from generation import retention, shown_links, storage
from generation.models import CustomModel, Image, Publication
from generation.retention import Keeping
from generation.structured_data import Thing
from getimg_site import kept_words, nouns
from getimg_site import structured_data as structured
from getimg_site.script_words import table as script_words_table

register = template.Library()

SPRITE = "vendor/lucide-1.62.0.svg"
_TOLD_WITHOUT_YEAR = timedelta(days=300)
# The classes that static/css/ratios.css holds, in hundredths of width by height.
RATIO_MIN, RATIO_MAX = 25, 400
# What a browser's own description of itself holds, and what people call that; the first that fits.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.simple_tag(takes_context=True)
def block_again(context: RequestContext, name: str) -> SafeString:
    """Return once more what a page puts into a block: its title is that of the link to it, too."""
    text: SafeString = context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context)
    return text


@register.simple_tag
def script_words() -> SafeString | str:
    """Return the table of what scripts say, where the page's language is not English."""
    return script_words_table()


@register.simple_tag
def structured_data(things: Iterable[Thing] | None) -> SafeString | str:
    """Tell search engines what a page is about; nothing where its view says nothing of it."""
    return structured.script(things) if things else ""


@register.simple_tag
def current_page() -> SafeString:
    """Mark a link as that of the page one is on."""
    return format_html(' aria-current="{}"', "page")


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite. Decoration: the control around it carries the name."""
    kind = f"icon icon-{size}" if size else "icon"
    use = f"{static(SPRITE)}#{name}"
    return format_html('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', kind, use)


@register.simple_tag
def signed_url(key: str) -> str:
    """Return a link to a stored file, for a page that its owner alone sees."""
    return storage.signed_url(key)


@register.simple_tag
def shown_url(key: str, shown: Publication) -> str:
    """Return a link to a file of a shown picture, for a page that others see."""
    return shown_links.url(key, shown.token)


@register.simple_tag(takes_context=True)
def sample_url(context: RequestContext, key: str, model: CustomModel) -> str:
    """Return a link to a file that shows a model, for its owner or for whom it is shared with."""
    if model.owner_id == context["user"].pk:
        return storage.signed_url(key)
    return shown_links.url(key, model.share_token or "")


@register.filter
def undo_until(image: Image) -> datetime:
    """Return until when a picture in the trash can be brought back."""
    return retention.undo_until(image)


@register.filter
def keeping(image: Image) -> Keeping | None:
    """Return how long a picture that came with its owner's wallet is kept; None while the plan keeps it."""
    return retention.keeping_of(image)


@register.simple_tag
def short_day(moment: datetime) -> SafeString:
    """Write a day to come as briefly as it can be told from others: with its year where that is most of one away."""
    is_far = moment - timezone.now() > _TOLD_WITHOUT_YEAR
    kind, day = ("date", date_format(moment, "j M Y")) if is_far else ("day", date_format(moment, "j M"))
    return format_html('<time datetime="{}" data-format="{}">{}</time>', moment.isoformat(), kind, day)


@register.simple_tag
def new_key() -> str:
    """Return a name for a form, so that sending it twice makes one run."""
    return uuid.uuid4().hex


@register.filter
def kept(text: str) -> str:
    """Return a sentence that was kept in English, such as a ledger's line, in the reader's language."""
    return kept_words.read(text)


@register.filter
def ratio_class(of: Any) -> str:
    """Return the class that gives an element this thing's aspect ratio; `of` has a width and a height."""
    hundredths = round(100 * of.width / of.height)
    return f"ratio-{min(max(hundredths, RATIO_MIN), RATIO_MAX)}"


@register.filter
def counted(number: int, noun: str) -> str:
    """Return "1 credit", "4 credits" in the reader's language; nouns stand in `getimg_site.nouns`."""
    return nouns.counted(number, noun)


@register.filter
def trimmed(number: float) -> str:
    """Return a number with two places at most, none of them an idle nought: 1, 2.5, 0.25."""
    return number_format(f"{number:.2f}".rstrip("0").rstrip("."))


@register.filter
def money(cents: int, currency: str = "usd") -> str:
    """Return an amount as a price has it: $10, $8.33."""
    return amount(cents, currency)


@register.filter
def currency_sign(currency: str) -> str:
    """Return what stands for a currency: $, €, CHF."""
    return sign(currency)


@register.filter
def file_size(size_bytes: int) -> str:
    """Return a size people read: 812 B, 31 KB, 1.4 MB, 15.3 GB."""
    if size_bytes < 1000:
        return f"{size_bytes} B"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} KB"
    if size_bytes < 1_000_000_000:
        return f"{size_bytes / 1_000_000:.1f} MB"
    return f"{size_bytes / 1_000_000_000:.1f} GB"


@register.filter
def browser_name(user_agent: str) -> str:
    """Return what people call a browser: "Firefox on Windows"; of others what they say of themselves, cut short."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not browser:
        return user_agent[:40] or gettext("Unknown browser")
    return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


@register.filter
def either_name(things: Iterable[Any]) -> str:
    """Return the names of things of which one is enough: "Google, GitHub or Discord"."""
    return str(get_text_list([thing.name for thing in things]))
