"""Customers, subscriptions and payments, as the shop told them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.read_only_admin import ReadOnlyAdmin, ReadOnlyInline
from billing.admin.links import ledger_link, wallet_link
from billing.models import Customer, Payment, Subscription
from billing.money import amount


class FateFilter(admin.SimpleListFilter):
    """Payments by what became of them."""

    title = _("what became of it")
    parameter_name = "fate"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [
            ("refunded", _("Refunded")),
            ("disputed", _("Disputed")),
            ("owed", _("Credits owed")),
            ("kept", _("Kept")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        match self.value():
            case "refunded":
                return queryset.filter(refunded_cents__gt=0)
            case "disputed":
                return queryset.exclude(dispute="")
            case "owed":
                return queryset.filter(owed__gt=0)
            case "kept":
                return queryset.filter(refunded_cents=0, dispute="")
        return queryset


class PaymentInline(ReadOnlyInline):
    """What was paid for a subscription."""

    model = Payment
    fields = ("paid_at", "kind", "plan", "amount_cents", "refunded_cents", "dispute", "taken_back", "owed")
    readonly_fields = fields
    ordering = ("-paid_at",)


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    """Who people are at the shop."""

    list_display = ("user", "customer_id", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "customer_id__exact", "user__id__exact")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    """Plans that are paid again and again."""

    list_display = ("user", "plan", "interval", "status", "period_ends_at", "cancels_at_period_end", "next_plan")
    list_filter = ("status", "plan", "interval", "cancels_at_period_end", "is_duplicate")
    list_select_related = ("user", "plan", "next_plan")
    search_fields = ("user__email", "subscription_id__exact", "id__exact", "user__id__exact")
    ordering = ("-started_at",)
    inlines = (PaymentInline,)


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Money that came, and what became of it and of its credits."""

    list_display = ("paid_at", "person", "kind", "what", "paid", "refunded", "dispute", "credits", "taken_back", "owed")
    list_filter = (FateFilter, "kind", "dispute", ("paid_at", admin.DateFieldListFilter))
    list_select_related = ("wallet__user", "plan", "pack")
    search_fields = ("wallet__user__email", "payment_id__exact", "payment_intent_id__exact", "id__exact")
    ordering = ("-paid_at",)
    readonly_fields = ("books", "lines")

    @admin.display(description=_("person"), ordering="wallet__user__email")
    def person(self, payment: Payment) -> str:
        return payment.wallet.user.email

    @admin.display(description=_("for"))
    def what(self, payment: Payment) -> str:
        return str(payment.pack or payment.plan or "")

    @admin.display(description=_("paid"), ordering="amount_cents")
    def paid(self, payment: Payment) -> str:
        return amount(payment.amount_cents, payment.currency, exact=True)

    @admin.display(description=_("refunded"), ordering="refunded_cents")
    def refunded(self, payment: Payment) -> str:
        return amount(payment.refunded_cents, payment.currency, exact=True) if payment.refunded_cents else ""

    @admin.display(description=_("wallet's page"))
    def books(self, payment: Payment) -> SafeString:
        """Link to the wallet that it was paid into."""
        return wallet_link(payment.wallet_id)

    @admin.display(description=_("on the ledger"))
    def lines(self, payment: Payment) -> SafeString:
        """Link to the lines that it brought."""
        return ledger_link(payment.reference)
