"""The admin's pages that span apps: people with their balance, and where it comes from."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from accounts.admin import UserAdmin
from accounts.models import User
from billing.models import Product, Wallet
from generation import storage
from getimg_site.models import BugReport, BugReportPicture, Wish
from getimg_site.suspending_admin import SuspendingAdmin
from getimg_site.view_as_admin import ViewAsAdmin

admin.site.site_header = "getimg"
admin.site.site_title = "getimg"
admin.site.index_title = "Studio"

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(SuspendingAdmin, ViewAsAdmin, UserAdmin):
    """People with their balance, their runs and their wallet a click away; suspended, never merely switched off."""

    actions = ("suspend", "lift_suspension")
    readonly_fields: ClassVar[Any] = (*UserAdmin.readonly_fields, "is_active", "suspension", "view_as_link")
    fieldsets: ClassVar[Any] = (*UserAdmin.fieldsets, ("Support", {"fields": ("suspension", "view_as_link")}))

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


@admin.register(Wish)
class WishAdmin(admin.ModelAdmin[Wish]):
    """The board of wishes: what becomes of each, and the words beside it."""

    list_display = ("title", "votes_count", "state", "created_at")
    list_editable = ("state",)
    list_filter = ("state",)
    search_fields = ("title", "text")
    readonly_fields = ("author", "votes_count", "created_at")
    ordering = ("-votes_count", "-id")


class BugReportPictures(admin.TabularInline[BugReportPicture, BugReport]):
    """The pictures of a report, each a link that expires."""

    model = BugReportPicture
    fields = readonly_fields = ("picture",)
    extra = 0
    can_delete = False

    @admin.display(description="picture")
    def picture(self, picture: BugReportPicture) -> SafeString:
        return format_html('<a href="{}">{} bytes</a>', storage.signed_url(picture.file), picture.size_bytes)

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(BugReport)
class BugReportAdmin(admin.ModelAdmin[BugReport]):
    """Reports of bugs, the newest first."""

    list_display = ("id", "start", "author", "state", "created_at")
    list_editable = ("state",)
    list_filter = ("state",)
    list_select_related = ("author",)
    search_fields = ("text", "author__email")
    readonly_fields = ("author", "text", "page", "browser", "created_at")
    inlines = (BugReportPictures,)

    @admin.display(description="report")
    def start(self, report: BugReport) -> str:
        return Truncator(report.text).chars(80)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
