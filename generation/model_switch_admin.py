"""The catalogue's models in the admin: turned off, with a reason that people read, and on again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation import model_switches
from generation.catalog import MODELS
from generation.models import ModelSwitch


@admin.register(ModelSwitch)
class ModelSwitchAdmin(admin.ModelAdmin[ModelSwitch]):
    """One row for each model that can be chosen; none is added or deleted."""

    list_display = ("slug", "name", "is_on", "is_installed", "reason", "changed_at")
    list_filter = ("is_off",)
    search_fields = ("slug", "reason")
    fields = ("slug", "name", "is_installed", "is_off", "reason", "changed_at")
    readonly_fields = ("slug", "name", "is_installed", "changed_at")
    ordering = ("slug",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List every model, those too that nobody has touched."""
        rows = [ModelSwitch(slug=model.slug) for model in MODELS.values() if model.is_choice]
        ModelSwitch.objects.bulk_create(rows, ignore_conflicts=True)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: ModelSwitch, form: Any, change: bool) -> None:
        """Turn it; this process knows at once, the others within seconds."""
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        model_switches.memory.forget()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelSwitch | None = None) -> bool:
        return False

    @admin.display(description=_("name"))
    def name(self, switch: ModelSwitch) -> str:
        return MODELS[switch.slug].name if switch.slug in MODELS else gettext("in the catalogue no longer")

    @admin.display(description=_("on"), boolean=True)
    def is_on(self, switch: ModelSwitch) -> bool:
        return not switch.is_off

    @admin.display(description=_("installed"), boolean=True)
    def is_installed(self, switch: ModelSwitch) -> bool:
        return switch.slug in MODELS and MODELS[switch.slug].is_installed
