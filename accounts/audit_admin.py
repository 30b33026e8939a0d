"""The audit log as operators read it: searched, filtered, and taken away as CSV. Nobody writes in it."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import AuditLine, User
from accounts.read_only_admin import ReadOnlyAdmin

_COLUMNS = ("at", "actor", "email", "address", "verb", "kind", "object_id", "object_text", "changes", "note")
_EMAIL = Subquery(User.objects.filter(pk=OuterRef("actor")).values("email")[:1])


class _Line:
    """What a writer of CSV writes to: each line is handed on."""

    def write(self, text: str) -> str:
        return text


class KindFilter(admin.AllValuesFieldListFilter):
    """Lines by what was acted on; what acted on no row has a dash to press on."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the choices, each with a name."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or "—"}


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnlyAdmin):
    """Every staff action, the newest first."""

    list_display = ("at", "who", "address", "verb", "what", "changed", "note")
    list_filter = ("verb", ("kind", KindFilter), ("at", admin.DateFieldListFilter))
    search_fields = ("object_id__exact", "object_text", "note", "address__exact", "verb")
    search_help_text = _(
        "An id, a staff member's e-mail address, a network address, or words of the object or the reason."
    )
    ordering = ("-id",)
    date_hierarchy = "at"
    change_list_template = "admin/accounts/audit_lines.html"
    fields = readonly_fields = ("at", "who", "address", "verb", "what", "kind", "object_id", "changed", "note")

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="accounts_auditline_export"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLine]:
        """Bring along the address of who acted, where there still is one."""
        found: QuerySet[AuditLine] = super().get_queryset(request).annotate(email=_EMAIL)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditLine], search_term: str
    ) -> tuple[QuerySet[AuditLine], bool]:
        found, has_doubles = super().get_search_results(request, queryset, search_term)
        if "@" in search_term:
            people = User.objects.filter(email__icontains=search_term.strip()).values("pk")
            found = found | queryset.filter(Q(actor__in=people))
        return found, has_doubles

    def export(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Send what the list shows with these filters, all of it, as CSV; that it was taken away is a line, too."""
        if not self.has_view_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            # As the list does with filters that mean nothing.
            return redirect("admin:accounts_auditline_changelist")
        audit.write(request, request.user.pk, "export audit log", note=request.GET.urlencode())
        name = f"audit-{timezone.now():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(_rows(found), content_type="text/csv; charset=utf-8", headers=headers)

    @admin.display(description=_("who"), ordering="actor")
    def who(self, line: AuditLine) -> SafeString | str:
        if line.actor == audit.COMMAND_LINE:
            return gettext("command line")
        url = reverse("admin:accounts_user_change", args=[line.actor])
        return format_html('<a href="{}">{}</a>', url, getattr(line, "email", None) or line.actor)

    @admin.display(description=_("what"))
    def what(self, line: AuditLine) -> SafeString | str:
        name = f"{line.kind} {line.object_text or line.object_id}".strip()
        try:
            url = reverse(f"admin:{line.kind.replace('.', '_')}_change", args=[line.object_id])
        except NoReverseMatch:
            return name or "—"
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description=_("before → after"))
    def changed(self, line: AuditLine) -> SafeString | str:
        rows = [(name, str(before), str(after)) for name, (before, after) in line.changes.items()]
        return format_html_join("", "<div>{}: {} → {}</div>", rows) or "—"


def _rows(found: QuerySet[AuditLine]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(_COLUMNS)
    for line in found.iterator(chunk_size=1000):
        yield writer.writerow([_harmless(getattr(line, column)) for column in _COLUMNS])


def _harmless(value: object) -> str:
    """Keep a spreadsheet from reading a cell as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
