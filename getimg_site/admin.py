"""The admin's pages that span apps: people with their balance, and where it comes from."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import UserAdmin
from accounts.models import User
from billing.models import Product, Wallet

admin.site.site_header = "getimg"
admin.site.site_title = "getimg"
admin.site.index_title = "Studio"

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People with their balance, their runs and their wallet a click away."""

    list_display: tuple[str, ...] = (
        "email", "display_name", "balance", "runs", "date_joined", "is_active", "is_staff",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        site_wallet = Wallet.objects.filter(user=OuterRef("pk"), product=Product.SITE)
        return (
            super()
            .get_queryset(request)
            .annotate(
                balance=Subquery(site_wallet.values("balance")[:1]), wallet_id=Subquery(site_wallet.values("pk")[:1])
            )
        )

    @admin.display(description="credits", ordering="balance")
    def balance(self, user: User) -> SafeString | str:
        wallet_id = getattr(user, "wallet_id", None)
        if wallet_id is None:
            return "—"
        url = reverse("admin:billing_wallet_change", args=[wallet_id])
        return format_html('<a href="{}">{}</a>', url, getattr(user, "balance", 0))

    @admin.display(description="runs")
    def runs(self, user: User) -> SafeString:
        return format_html(
            '<a href="{}?user__id__exact={}">runs</a>', reverse("admin:generation_job_changelist"), user.pk
        )
