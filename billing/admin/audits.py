"""Audits of the books: started here, walked by the queue, read here."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from accounts import audit as audit_log
from accounts.models import User
from accounts.read_only_admin import ReadOnlyAdmin
from billing import ledger_audits
from billing.models import LedgerAudit

_MAY_RUN = "billing.run_ledger_audit"


@admin.register(LedgerAudit)
class LedgerAuditAdmin(ReadOnlyAdmin):
    """The last audits, and the button that starts one."""

    change_list_template = "admin/billing/ledger_audits.html"
    list_display = ("asked_at", "how_it_stands", "progress", "faults", "ended_at", "who")
    fields = (("asked_at", "ended_at"), "how_it_stands", "progress", "faults", "found")
    readonly_fields = ("how_it_stands", "progress", "found")

    def get_urls(self) -> list[URLPattern]:
        start = self.admin_site.admin_view(require_POST(self.start))
        return [path("start/", start, name="billing_ledgeraudit_start"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say whether one runs, and whether this operator may start one."""
        running = LedgerAudit.objects.filter(is_open=True).first()
        context = {"running": running, "may_run": request.user.has_perm(_MAY_RUN), **(extra_context or {})}
        return super().changelist_view(request, {"title": gettext("Ledger audits"), **context})

    def start(self, request: HttpRequest) -> HttpResponse:
        """Start one, or say that one runs."""
        if not request.user.has_perm(_MAY_RUN):
            raise PermissionDenied
        assert isinstance(request.user, User)
        before = LedgerAudit.objects.filter(is_open=True).exists()
        audit = ledger_audits.start(request.user)
        if before:
            self.message_user(request, gettext("An audit runs already."), messages.WARNING)
        else:
            audit_log.write(request, request.user.pk, "start ledger audit", audit)
            self.message_user(request, gettext("The audit has begun. Reload to see how far it is."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:billing_ledgeraudit_changelist"))

    @admin.display(description=gettext_lazy("result"))
    def how_it_stands(self, audit: LedgerAudit) -> str:
        return audit.state

    @admin.display(description=gettext_lazy("wallets"))
    def progress(self, audit: LedgerAudit) -> str:
        facts = {"checked": f"{audit.checked:,}", "wallets": f"{audit.wallets:,}"}
        return gettext("%(checked)s of %(wallets)s") % facts if audit.is_open else facts["checked"]

    @admin.display(description=gettext_lazy("asked for by"))
    def who(self, audit: LedgerAudit) -> str:
        if audit.asked_by is None:
            return gettext("command line")
        return User.objects.filter(pk=audit.asked_by).values_list("email", flat=True).first() or str(audit.asked_by)

    @admin.display(description=gettext_lazy("what does not hold"))
    def found(self, audit: LedgerAudit) -> SafeString | str:
        """Show the first of the findings, a line each."""
        lines: list[tuple[Any]] = [(line,) for line in audit.findings]
        return format_html_join("", "<div>{}</div>", lines) or gettext("Nothing")
