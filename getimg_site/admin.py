"""The admin's pages that span apps: people with their balance, and where it comes from."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import UserAdmin
from accounts.labelled_admin import LabelledAdmin
from accounts.models import User
from accounts.read_only_admin import ReadOnlyInline
from billing.models import Product, Wallet
from getimg_site import bug_reports
from getimg_site.leaving_admin import LeavingAdmin
from getimg_site.models import BugReport, BugReportFile, Incident, Wish
from getimg_site.running_admin import BackupAdmin, ClusterReportAdmin
from getimg_site.suspending_admin import SuspendingAdmin
from getimg_site.view_as_admin import ViewAsAdmin

__all__ = ["BackupAdmin", "ClusterReportAdmin"]

admin.site.site_header = "getimg"
admin.site.site_title = "getimg"
admin.site.index_title = _("Studio")

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(SuspendingAdmin, LeavingAdmin, ViewAsAdmin, UserAdmin):
    """People with their balance, their runs and their wallet a click away; suspended, never merely switched off."""

    actions = ("suspend", "lift_suspension", "order_export", "erase")
    support_fields = ("balance", "runs", "suspension", "view_as_link")
    readonly_fields: ClassVar[Any] = (*UserAdmin.readonly_fields, "is_active", *support_fields)
    fieldsets: ClassVar[Any] = (*UserAdmin.fieldsets, (_("Support"), {"fields": support_fields}))

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

    @admin.display(description=_("credits"), ordering="balance")
    def balance(self, user: User) -> SafeString | str:
        wallet_id = getattr(user, "wallet_id", None)
        if wallet_id is None:
            return "—"
        url = reverse("admin:billing_wallet_change", args=[wallet_id])
        return format_html('<a href="{}">{}</a>', url, getattr(user, "balance", 0))

    @admin.display(description=_("runs"))
    def runs(self, user: User) -> SafeString:
        url = reverse("admin:generation_job_changelist")
        return format_html('<a href="{}?user__id__exact={}">{}</a>', url, user.pk, gettext("runs"))


@admin.register(Wish)
class WishAdmin(LabelledAdmin):
    """The board of wishes: what becomes of each, and the words beside it."""

    list_display = ("title", "votes_count", "state", "created_at")
    list_editable = ("state",)
    list_filter = ("state",)
    search_fields = ("title", "text")
    readonly_fields = ("author", "votes_count", "created_at")
    ordering = ("-votes_count", "-id")


@admin.register(Incident)
class IncidentAdmin(LabelledAdmin):
    """What the status page tells everybody about disturbances."""

    list_display = ("title", "state", "started_at", "ended_at")
    list_filter = ("state",)
    search_fields = ("title", "text")
    fields = ("title", "text", "state", "started_at", "ended_at")


class BugReportFiles(ReadOnlyInline):
    """The files of a report, each a download for operators."""

    model = BugReportFile
    fields = readonly_fields = ("download", "content_type", "size_bytes")

    @admin.display(description=_("file"))
    def download(self, file: BugReportFile) -> SafeString:
        return format_html('<a href="{}" download>{}</a>', reverse("admin:bug_report_file", args=[file.pk]), file.name)


@admin.register(BugReport)
class BugReportAdmin(LabelledAdmin):
    """Reports of bugs, the newest first."""

    list_display = ("id", "start", "reply_to", "state", "created_at")
    list_editable = ("state",)
    list_filter = ("state",)
    list_select_related = ("author",)
    search_fields = ("text", "author__email", "email")
    readonly_fields = ("author", "email", "text", "page", "browser", "created_at")
    inlines = (BugReportFiles,)

    @admin.display(description=_("report"))
    def start(self, report: BugReport) -> str:
        return Truncator(report.text).chars(80)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("from"))
    def reply_to(self, report: BugReport) -> str:
        return report.reply_to

    def delete_model(self, request: HttpRequest, obj: BugReport) -> None:
        bug_reports.delete(BugReport.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[BugReport]) -> None:
        bug_reports.delete(queryset)

    def get_urls(self) -> list[URLPattern]:
        path_of_file = path("files/<int:object_id>/", self.admin_site.admin_view(self.file), name="bug_report_file")
        return [path_of_file, *super().get_urls()]

    def file(self, request: HttpRequest, object_id: int) -> FileResponse:
        """Send a file of a report as a download: what a stranger sent is opened by no page of the site."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sent = get_object_or_404(BugReportFile, pk=object_id)
        try:
            content = default_storage.open(sent.file)
        except FileNotFoundError:
            raise Http404 from None
        answer = FileResponse(content, as_attachment=True, filename=sent.name, content_type=sent.content_type)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
