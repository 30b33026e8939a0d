"""The admin's site: each class that is registered writes audit lines, tells no secrets, loads what it uses."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

from accounts.audited_admin import audited

# What people wrote and what opens their doors: no list is narrowed by it, a guess at a time would read it out.
_UNTOLD = frozenset(
    {
        *("params", "words", "ref", "request_digest", "alt_text", "folder", "tags", "payload"),
        *("password", "session_key", "data", "digest", "previous_digest"),
        *("sealed_secret", "sealed_previous_secret", "share_token"),
    }
)
# What writes one field from another in every form of Django's, two thirds of its script.
_PREPOPULATING = ("xregexp", "urlify.js", "prepopulate.js")


class StudioAdminSite(admin.AdminSite):
    """Registers admin classes with the audit log's net under them."""

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        super().register(model_or_iterable, _light(audited(admin_class or admin.ModelAdmin)), **options)


class LightAdmin(admin.ModelAdmin[Any]):
    """Put before every registered admin class."""

    @property
    def media(self) -> forms.Media:
        """Scripts and styles, without those that prepopulate fields where none is prepopulated."""
        media: Any = super().media
        left_out = () if self.prepopulated_fields else _PREPOPULATING
        scripts = [script for script in media._js if not any(name in str(script) for name in left_out)]
        return forms.Media(css=media._css, js=scripts)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Return whether an address may narrow the list so; Django lets it by any field of the row's own."""
        return lookup.split(LOOKUP_SEP)[0] not in _UNTOLD and super().lookup_allowed(lookup, value, request)


def _light(admin_class: type[admin.ModelAdmin[Any]]) -> type[admin.ModelAdmin[Any]]:
    return type(admin_class.__name__, (LightAdmin, admin_class), {"__module__": admin_class.__module__})
