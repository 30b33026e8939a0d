"""The moderation queue for operators: what was refused, flagged, reported or appealed, and what is decided about it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.read_only_admin import ReadOnlyAdmin
from generation import moderation, moderation_queue, storage
from generation.admin_thumbnail import thumbnail_of
from generation.models import ModerationCase, Report
from generation.models.moderation_case import REASON_MAX_LENGTH

_ALLOWED, _NOT_ALLOWED = "allow", "refuse"


class DecisionForm(forms.ModelForm[ModerationCase]):
    """What is decided, and why."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[(_NOT_ALLOWED, _("Not allowed: it stays refused, or is taken down")), (_ALLOWED, _("Allowed"))],
        widget=forms.RadioSelect,
        help_text=_(
            "Allowed: these very words pass for this person, a held picture is released, a publication restored."
        ),
    )
    why = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person reads it."),
    )

    class Meta:
        model = ModerationCase
        fields: tuple[str, ...] = ()


@admin.register(ModerationCase)
class ModerationCaseAdmin(admin.ModelAdmin[ModerationCase]):
    """The queue: what waits for a decision first."""

    form = DecisionForm
    list_display = ("last_at", "kind", "action", "category", "score", "start", "user", "times", "state", "waits")
    list_display_links = ("last_at", "kind")
    list_select_related = ("user",)
    list_filter = ("is_waiting", "kind", "action", "category", "decision", ("appealed_at", admin.EmptyFieldListFilter))
    search_fields = ("id__exact", "user__email", "job__id__exact", "image__id__exact")
    readonly_fields = (
        *("user", "kind", "action", "category_name", "score", "found", "text", "place", "times", "picture", "run"),
        *("reports", "appeal", "appealed_at", "decision", "reason", "decided_by", "decided_at", "created_at"),
    )
    fieldsets = ((None, {"fields": readonly_fields}), (_("Decide"), {"fields": ("verdict", "why")}))
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-is_waiting", "-last_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ModerationCase, form: Any, change: bool) -> None:
        """Decide; what follows is the queue's business."""
        assert isinstance(request.user, User)
        allows, why = form.cleaned_data["verdict"] == _ALLOWED, form.cleaned_data["why"]
        moderation_queue.decide(obj, request.user, allows=allows, reason=why)
        self.message_user(request, gettext("Decided, and the person is told."), messages.SUCCESS)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Write down who decided what, and why."""
        what = "Allowed" if form.cleaned_data["verdict"] == _ALLOWED else "Not allowed"
        return f"{what}: {form.cleaned_data['why']}"

    @admin.display(description=_("words"))
    def start(self, case: ModerationCase) -> str:
        return Truncator(case.text or case.found).chars(60)

    @admin.display(description=_("state"))
    def state(self, case: ModerationCase) -> str:
        return case.state

    @admin.display(description=_("waits"), boolean=True, ordering="is_waiting")
    def waits(self, case: ModerationCase) -> bool:
        return case.is_waiting

    @admin.display(description=_("category"))
    def category_name(self, case: ModerationCase) -> str:
        return moderation.category_name(case.category)

    @admin.display(description=_("picture"))
    def picture(self, case: ModerationCase) -> SafeString | str:
        """Show it small and behind a click: nobody has to see it large."""
        if case.withheld.get("file"):
            files = map(storage.operators_url, (case.withheld["file"], case.withheld["thumbnail_320"]))
            return format_html('<a href="{}"><img src="{}" alt="" height="160"></a>', *files)
        if case.image:
            return thumbnail_of(case.image)
        return "—"

    @admin.display(description=_("run"))
    def run(self, case: ModerationCase) -> SafeString | str:
        if case.job_id is None:
            return "—"
        return format_html('<a href="{}">{}</a>', reverse("admin:generation_job_change", args=[case.job_id]), case.job)

    @admin.display(description=_("reports"))
    def reports(self, case: ModerationCase) -> SafeString | str:
        found = Report.objects.filter(image=case.image_id).order_by("-created_at")[:20] if case.image_id else ()
        rows = [(one.get_reason_display(), one.words) for one in found]
        return format_html_join("", "<p>{} {}</p>", rows) if rows else "—"


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    """What people object to, one line each; the picture's case in the queue is where it is decided."""

    list_display = ("created_at", "reason", "words", "thumbnail", "reporter", "case", "closed_at")
    exclude = ("network", "device")  # they count, and say nothing
    list_select_related = ("image", "reporter")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "reason")
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-created_at",)

    @admin.display(description=_("picture"))
    def thumbnail(self, report: Report) -> SafeString:
        return thumbnail_of(report.image)

    @admin.display(description=_("case"))
    def case(self, report: Report) -> SafeString:
        url = reverse("admin:generation_moderationcase_changelist")
        return format_html('<a href="{}?image__id__exact={}">{}</a>', url, report.image_id, gettext("case"))
