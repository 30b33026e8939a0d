"""What the admin's pages of this app share: rows that are looked at only, and a picture's thumbnail."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from generation import storage
from generation.models import Image


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows that are looked at here and changed elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def thumbnail_of(image: Image) -> SafeString:
    """Return a picture's thumbnail by a link that expires."""
    if image.purged_at:
        return format_html("{}", "gone")
    return format_html('<img src="{}" alt="" height="64">', storage.signed_url(image.thumbnail_320))
