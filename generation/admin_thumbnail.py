"""A picture's thumbnail, as the admin's pages of this app show it."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from generation import storage
from generation.models import Image


def thumbnail_of(image: Image) -> SafeString:
    """Return a picture's thumbnail by a link that works for operators alone."""
    if image.purged_at:
        return format_html("{}", "gone")
    return format_html('<img src="{}" alt="" height="64">', storage.operators_url(image.thumbnail_320))
