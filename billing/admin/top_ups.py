"""Automatic top-ups: what people asked for, and each charge; a charge without an answer wants a look at the shop."""

from django.contrib import admin

from accounts.read_only_admin import ReadOnlyAdmin
from billing.models import AutoTopUp, TopUp


@admin.register(AutoTopUp)
class AutoTopUpAdmin(ReadOnlyAdmin):
    """Terms, and why they were turned off."""

    list_display = ("wallet", "is_on", "below_credits", "pack", "price_cents", "month_cents", "problem", "changed_at")
    list_filter = ("is_on",)
    list_select_related = ("wallet", "pack")
    search_fields = ("wallet__user__email", "wallet__id__exact")


@admin.register(TopUp)
class TopUpAdmin(ReadOnlyAdmin):
    """Charges, the newest first."""

    list_display = ("created_at", "wallet", "pack", "credits", "amount_cents", "currency", "status", "payment")
    list_filter = ("status", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("wallet", "pack", "payment")
    search_fields = ("wallet__user__email", "id__exact", "payment__payment_id__exact")
