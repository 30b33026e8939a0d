"""The switches in the admin: each with what it does, how it stands, and what people read where it is off."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import switches
from accounts.models import Feature, FeatureSwitch

_EFFECTS = {
    Feature.SIGN_UPS: _("Off: nobody new comes in, by address or by another site; who has an account logs in."),
    Feature.SHOWCASE: _(
        "Off: there is no showcase; pictures that were shown keep their links. The setting is SHOWCASE."
    ),
    Feature.TRAINING: _("Off: no training is started; those that wait or run go on. Queue switches pause these."),
    Feature.VIDEO: _("Off: no video is ordered, on the site or by the API; those that wait are made."),
    Feature.API: _("Off: every request to /v1/ is answered 503; keys stay as they are."),
    Feature.FETCHING: _("Off: the API fetches no picture by its address; files can be sent."),
}


@admin.register(FeatureSwitch)
class FeatureSwitchAdmin(admin.ModelAdmin[FeatureSwitch]):
    """One row for each feature; none is added or deleted."""

    list_display = ("feature", "is_on", "state", "reason", "effect")
    fields = ("feature", "effect", "state", "reason", "changed_at")
    readonly_fields = ("feature", "effect", "changed_at")
    ordering = ("feature",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List every feature, those too that nobody has touched."""
        rows = [FeatureSwitch(feature=feature) for feature in Feature]
        FeatureSwitch.objects.bulk_create(rows, ignore_conflicts=True)
        return super().changelist_view(request, extra_context)

    def save_model(self, request: HttpRequest, obj: FeatureSwitch, form: Any, change: bool) -> None:
        """Turn it; this process knows at once, the others within seconds."""
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        switches.memory.forget()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: FeatureSwitch | None = None) -> bool:
        return False

    @admin.display(description=_("on now"), boolean=True)
    def is_on(self, switch: FeatureSwitch) -> bool:
        return switches.is_on(Feature(switch.feature))

    @admin.display(description=_("what it does"))
    def effect(self, switch: FeatureSwitch) -> str:
        return str(_EFFECTS[Feature(switch.feature)])
