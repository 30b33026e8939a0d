"""The shop's events with what became of them, and the nightly comparisons."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.read_only_admin import ReadOnlyAdmin
from billing import stripe_events
from billing.errors import BillingError
from billing.models import Reconciliation, StripeEvent


@admin.register(StripeEvent)
class StripeEventAdmin(ReadOnlyAdmin):
    """The inbox. What failed can be processed again: the object is fetched anew, so that repeats do no harm."""

    list_display = ("event_id", "type", "status", "note", "attempts", "object_id", "created_at", "processed_at")
    list_filter = ("status", "type", ("received_at", admin.DateFieldListFilter))
    search_fields = ("event_id__exact", "object_id__exact", "customer_id__exact")
    ordering = ("-received_at",)
    actions = ("process_again",)
    fields = (
        ("event_id", "type", "status"),
        "note",
        ("attempts", "next_attempt_at", "processed_at"),
        ("object_type", "object_id", "customer_id"),
        ("created_at", "received_at"),
        "letter",
    )
    readonly_fields = ("letter",)

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may process events: who could change them."""
        return request.user.has_perm("billing.change_stripeevent")

    @admin.display(description=_("payload"))
    def letter(self, event: StripeEvent) -> SafeString:
        """Show what came, as it came."""
        return format_html('<pre tabindex="0">{}</pre>', json.dumps(event.payload, indent=2, ensure_ascii=False))

    @admin.action(description=_("Process again"), permissions=["process"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> None:
        """Process the chosen events now, the oldest first, and say how each ended."""
        for event_id in queryset.order_by("created_at", "pk").values_list("pk", flat=True):
            self._process(request, event_id)

    def _process(self, request: HttpRequest, event_id: str) -> None:
        try:
            event = stripe_events.process(event_id)
        except BillingError as error:
            self.message_user(request, f"{event_id}: {error}", messages.ERROR)
            return
        is_open = event.status in StripeEvent.OPEN
        words = f"{event}: {event.get_status_display().lower()}. {event.note}".strip()
        self.message_user(request, words, messages.ERROR if is_open else messages.SUCCESS)


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnlyAdmin):
    """What the nightly comparison with the shop found."""

    list_display = ("started_at", "finished_at", "checked", "differences", "error")
    ordering = ("-started_at",)
    fields = (("started_at", "finished_at", "since"), "checked", "found", "error")
    readonly_fields = ("found",)

    @admin.display(description=_("healed"))
    def differences(self, row: Reconciliation) -> int:
        return len(row.healed)

    @admin.display(description=_("healed"))
    def found(self, row: Reconciliation) -> SafeString | str:
        """Show each difference that was healed."""
        lines: list[tuple[Any]] = [(line,) for line in row.healed]
        return format_html_join("", "<div>{}</div>", lines) or gettext("Nothing differed.")
