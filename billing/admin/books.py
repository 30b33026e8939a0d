"""Lots, holds and the ledger's lines."""

from django.contrib import admin

from accounts.read_only_admin import ReadOnlyAdmin
from billing.models import CreditHold, CreditLot, LedgerEntry


@admin.register(CreditLot)
class CreditLotAdmin(ReadOnlyAdmin):
    """Lots, by where they came from."""

    list_display = ("wallet", "source", "credits", "remaining", "expired", "cycle_on", "expires_at", "created_at")
    list_filter = ("source", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("wallet",)
    search_fields = ("wallet__user__email", "id__exact", "wallet__id__exact")


@admin.register(CreditHold)
class CreditHoldAdmin(ReadOnlyAdmin):
    """Holds, and what became of them."""

    list_display = ("reference", "wallet", "tool", "credits", "settled", "released", "created_at")
    list_select_related = ("wallet",)
    search_fields = ("reference__exact", "wallet__user__email", "id__exact", "wallet__id__exact")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """The ledger's lines, newest first."""

    list_display = ("id", "created_at", "wallet", "kind", "delta", "balance_after", "reason", "reference")
    list_filter = ("kind", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("wallet",)
    search_fields = ("wallet__user__email", "reference__exact", "key__exact", "wallet__id__exact")
