"""Wallets: balances, plan, lots and payments, and the pages that give and take credits and plans."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.read_only_admin import ReadOnlyAdmin, ReadOnlyInline
from billing import ledger, subscriptions
from billing.admin.money import money_page
from billing.errors import BillingError
from billing.forms import AdjustForm, GivePlanForm
from billing.models import CreditLot, LedgerEntry, Payment, PlanSpell, Product, Wallet


class LotInline(ReadOnlyInline):
    """The lots that can be spent."""

    model = CreditLot
    fields = ("source", "credits", "remaining", "expired", "cycle_on", "expires_at", "created_at")
    readonly_fields = fields
    verbose_name_plural = _("lots with credits left")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CreditLot]:
        return CreditLot.objects.filter(remaining__gt=0).order_by(*ledger.SPENDING_ORDER)


class PaymentInline(ReadOnlyInline):
    """What was paid."""

    model = Payment
    fields = ("paid_at", "kind", "plan", "pack", "amount_cents", "refunded_cents", "dispute", "taken_back", "owed")
    readonly_fields = fields
    ordering = ("-paid_at",)


class SpellInline(ReadOnlyInline):
    """The plans that were in force."""

    model = PlanSpell
    fields = ("plan", "starts_at", "ends_at")
    readonly_fields = fields
    ordering = ("-starts_at",)


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    """Balances, and the pages that give and take credits and plans."""

    list_display = ("user", "product", "plan", "balance", "next_cycle_on", "cycle_day", "adjust_link")
    list_filter = ("product", "plan")
    list_select_related = ("user", "plan")
    search_fields = ("user__email", "id__exact", "user__id__exact")
    fields = (
        "user",
        ("product", "balance", "adjust_link", "lines"),
        ("plan", "plan_since", "pictures_kept_until"),
        ("given_plan", "give_plan_link"),
        ("cycle_day", "next_cycle_on", "next_grant_at"),
        "created_at",
    )
    inlines = (LotInline, PaymentInline, SpellInline)

    def get_urls(self) -> list[URLPattern]:
        adjust = self.admin_site.admin_view(self.adjust)
        money = self.admin_site.admin_view(money_page)
        return [
            path("money/", money, name="billing_wallet_money"),
            path("<uuid:wallet_id>/credits/", adjust, name="billing_wallet_adjust"),
            path("<uuid:wallet_id>/plan/", self.admin_site.admin_view(self.give_plan), name="billing_wallet_plan"),
            *super().get_urls(),
        ]

    @admin.display(description=_("credits"))
    def adjust_link(self, wallet: Wallet) -> SafeString:
        """Link to the page that gives and takes credits."""
        url = reverse("admin:billing_wallet_adjust", args=[wallet.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Give or take credits"))

    @admin.display(description=_("give a plan"))
    def give_plan_link(self, wallet: Wallet) -> SafeString | str:
        """Link to the page that gives a plan; the API has none."""
        if wallet.product != Product.SITE:
            return "–"
        url = reverse("admin:billing_wallet_plan", args=[wallet.pk])
        return format_html('<a href="{}">{}</a>', url, gettext("Give or take a plan"))

    @admin.display(description=_("ledger"))
    def lines(self, wallet: Wallet) -> SafeString:
        """Link to the wallet's lines."""
        url = reverse("admin:billing_ledgerentry_changelist")
        words = gettext("Every line of this wallet")
        return format_html('<a href="{}?wallet__id__exact={}">{}</a>', url, wallet.pk, words)

    def adjust(self, request: HttpRequest, wallet_id: UUID) -> HttpResponse:
        """Show the form; sent, write one line on the ledger and one in the log of what operators did."""
        if not request.user.has_perm("billing.adjust_credits"):
            raise PermissionDenied
        wallet = get_object_or_404(Wallet.objects.select_related("user"), pk=wallet_id)
        form = AdjustForm(request.POST or None)
        if form.is_valid() and (entry := self._move(wallet, form)):
            back = reverse("admin:billing_wallet_change", args=[wallet.pk])
            self.log_change(request, wallet, f"{entry.delta:+d} credits: {entry.reason}")
            words = gettext("%(delta)s credits for %(user)s.") % {"delta": f"{entry.delta:+d}", "user": wallet.user}
            self.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(back)
        context: dict[str, Any] = {**self.admin_site.each_context(request), "title": gettext("Give or take credits")}
        context |= {"wallet": wallet, "form": form, "opts": self.opts}
        return render(request, "admin/billing/adjust_credits.html", context)

    def give_plan(self, request: HttpRequest, wallet_id: UUID) -> HttpResponse:
        """Show the form; sent, give the plan and write one line in the log of what operators did."""
        if not request.user.has_perm("billing.adjust_credits"):
            raise PermissionDenied
        of_site = Wallet.objects.filter(product=Product.SITE).select_related("user", "plan", "given_plan")
        wallet = get_object_or_404(of_site, pk=wallet_id)
        form = GivePlanForm(request.POST or None, initial={"plan": wallet.given_plan_id or wallet.plan_id})
        if form.is_valid():
            plan, reason = form.cleaned_data["plan"], form.cleaned_data["reason"]
            subscriptions.give(wallet, plan)
            self.log_change(request, wallet, f"Given plan: {plan}. {reason}")
            said = {"user": wallet.user, "given": plan, "plan": wallet.plan}
            words = gettext("%(user)s was given %(given)s, and is on %(plan)s.") % said
            self.message_user(request, words, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:billing_wallet_change", args=[wallet.pk]))
        context: dict[str, Any] = {**self.admin_site.each_context(request), "title": gettext("Give or take a plan")}
        context |= {"wallet": wallet, "form": form, "opts": self.opts}
        return render(request, "admin/billing/give_plan.html", context)

    def _move(self, wallet: Wallet, form: AdjustForm) -> LedgerEntry | None:
        """Adjust by the form; what the ledger refuses stands in the form."""
        facts = form.cleaned_data
        key = f"admin:{facts['form_key'].hex}"
        try:
            return ledger.adjust(wallet, facts["credits"], key=key, reason=facts["reason"], expires_at=form.expires_at)
        except BillingError as error:
            form.add_error("credits", str(error))
            return None
