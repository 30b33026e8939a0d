"""The admin's site: every class that is registered with it, ours or not, writes audit lines."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Model

from accounts.audited_admin import audited


class StudioAdminSite(admin.AdminSite):
    """Registers admin classes with the audit log's net under them."""

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        super().register(model_or_iterable, audited(admin_class or admin.ModelAdmin), **options)
