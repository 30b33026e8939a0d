"""What invites brought, and what of it went back. The invites themselves, and the way to refuse one, are accounts'."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.read_only_admin import ReadOnlyAdmin
from billing.admin.links import ledger_link, wallet_link
from billing.models import ReferralReward


class FateFilter(admin.SimpleListFilter):
    """Rewards by what became of them."""

    title = _("what became of it")
    parameter_name = "fate"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [("back", _("Taken back")), ("owed", _("Credits owed")), ("kept", _("Kept"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ReferralReward]) -> QuerySet[ReferralReward]:
        match self.value():
            case "back":
                return queryset.filter(taken_back__gt=0)
            case "owed":
                return queryset.filter(owed__gt=0)
            case "kept":
                return queryset.filter(taken_back=0, owed=0)
        return queryset


@admin.register(ReferralReward)
class ReferralRewardAdmin(ReadOnlyAdmin):
    """Rewards, newest first, with ways to the invite and to the ledger."""

    list_display = ("granted_at", "rewarded", "side", "credits", "taken_back", "owed", "invite", "wallet_link", "lines")
    list_filter = ("side", FateFilter, ("granted_at", admin.DateFieldListFilter))
    list_select_related = ("wallet__user",)
    search_fields = ("wallet__user__email", "referral__id__exact", "payment__payment_id__exact")

    @admin.display(description=_("person"))
    def rewarded(self, reward: ReferralReward) -> str:
        """Return whose it is."""
        return reward.wallet.user.email

    @admin.display(description=_("invite"))
    def invite(self, reward: ReferralReward) -> SafeString:
        """Link to the invite."""
        url = reverse("admin:accounts_referral_change", args=[reward.referral_id])
        return format_html('<a href="{}">{}</a>', url, gettext("Invite"))

    @admin.display(description=_("wallet"))
    def wallet_link(self, reward: ReferralReward) -> SafeString:
        """Link to the wallet."""
        return wallet_link(reward.wallet_id)

    @admin.display(description=_("ledger"))
    def lines(self, reward: ReferralReward) -> SafeString:
        """Link to the lines of the invite."""
        return ledger_link(reward.reference)
