"""The admin's site: every class that is registered with it, ours or not, writes audit lines and loads what it uses."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model

from accounts.audited_admin import audited

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


def _light(admin_class: type[admin.ModelAdmin[Any]]) -> type[admin.ModelAdmin[Any]]:
    return type(admin_class.__name__, (LightAdmin, admin_class), {"__module__": admin_class.__module__})
