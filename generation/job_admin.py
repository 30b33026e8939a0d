"""Runs for operators: the list, the page that tells everything of one, and what may be done to it.

A run's status changes through its verbs alone (`lifecycle`), credits come back by `settling`; each leaves a line in the
audit log.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import addresses
from accounts.models import User
from accounts.read_only_admin import ReadOnlyAdmin
from accounts.visit_form import VisitForm
from billing.models.ledger import REASON_MAX_LENGTH
from generation import job_inspector, lifecycle, settling
from generation.catalog import MODELS
from generation.errors import NotRefundable
from generation.models import Job
from generation.task_names import TASK_NAMES, name_of
from generation.troubles import OF_PICTURES, OF_TRAININGS

_CODES = sorted({*OF_PICTURES, *OF_TRAININGS, "blocked", "storage_failed", "worker_lost"})


class _ChoiceFilter(admin.SimpleListFilter):
    """A filter whose choices are known: those of the rows are not asked for, there may be a million."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class TaskFilter(_ChoiceFilter):
    """What was done."""

    title, parameter_name = _("tool"), "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(task, name_of(task)) for task in TASK_NAMES]


class ModelFilter(_ChoiceFilter):
    """Which model drew."""

    title, parameter_name = _("served by"), "served_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(slug, model.name) for slug, model in MODELS.items() if model.is_choice]


class CodeFilter(_ChoiceFilter):
    """With which error code it ended."""

    title, parameter_name = _("error code"), "error_code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, code) for code in _CODES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return super().queryset(request, queryset).exclude(error_code="") if self.value() else queryset


class RefundForm(forms.Form):
    """How many credits come back, and why."""

    credits = forms.IntegerField(label=_("Credits"), min_value=1)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX_LENGTH,
        validators=[addresses.refuse_in],
        help_text=_("The person reads it on their ledger."),
    )


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Runs."""

    list_display = (
        "id",
        "status",
        "user_link",
        "task",
        "model",
        "images",
        "credits",
        "attempt",
        "created_at",
        "seconds",
    )
    list_filter = ("status", "product", TaskFilter, ModelFilter, CodeFilter, ("created_at", admin.DateFieldListFilter))
    search_fields = ("id__exact",)
    search_help_text = _("A run's id or ref, a person's id or e-mail address, or an error code.")
    list_select_related = ("user",)
    actions = ("cancel",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Job], search_term: str
    ) -> tuple[QuerySet[Job], bool]:
        """Find by what is typed in full; each has an index of its own."""
        term = search_term.strip()
        if not term:
            return queryset, False
        if "@" in term:
            return queryset.filter(user__in=User.objects.filter(email__icontains=term).values("pk")), False
        try:
            return queryset.filter(
                Q(pk=UUID(term.removeprefix("job:"))) | Q(user=UUID(term.removeprefix("job:")))
            ), False
        except ValueError:
            pass
        by_code = queryset.filter(error_code=term).exclude(error_code="")
        return (by_code if term in _CODES else queryset.filter(ref=term).exclude(ref="")), False

    def get_urls(self) -> list[URLPattern]:
        cancel, refund = self.admin_site.admin_view(self.cancel_one), self.admin_site.admin_view(self.refund)
        return [
            path("<uuid:job_id>/cancel/", cancel, name="generation_job_cancel"),
            path("<uuid:job_id>/refund/", refund, name="generation_job_refund"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what is known of one run; what is private once it was said why."""
        job = self._find(unquote(object_id))
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        assert isinstance(request.user, User)
        form = VisitForm(request.POST or None)
        run = job_inspector.inspect(job, request.user)
        if "reason" in request.POST:
            if run.hides_something:
                form.begin(request, job.user)
            return redirect("admin:generation_job_change", job.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Run %(run)s") % {"run": job.pk},
            "opts": self.opts,
            "run": run,
            "visit_form": form if run.hides_something else None,
            "may_cancel": job.is_active and self.has_cancel_permission(request),
            "may_refund": self.has_refund_permission(request),
        }
        return TemplateResponse(request, "admin/generation/inspect_job.html", context)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.change_job")

    def has_refund_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("billing.adjust_credits")

    @admin.action(description=_("Cancel and give the credits back"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Cancel what is still active; the rest is left as it is."""
        canceled = [job for job in queryset if lifecycle.cancel(job)]
        words = gettext("%(canceled)s of %(count)s runs canceled.")
        said = {"canceled": len(canceled), "count": len(queryset)}
        self.message_user(request, words % said, messages.SUCCESS)

    def cancel_one(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Cancel one run from its page."""
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        job = self._find(job_id)
        with transaction.atomic():  # a crash leaves no deed without its line
            was_active = lifecycle.cancel(job)
            if was_active:
                self.log_change(request, job, "Canceled")
        if was_active:
            self.message_user(request, gettext("Canceled; what was not drawn is given back."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("It had ended before."), messages.WARNING)
        return redirect("admin:generation_job_change", job_id)

    def refund(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Ask how much and why; then give credits of an ended run back, once."""
        if not self.has_refund_permission(request):
            raise PermissionDenied
        job = self._find(job_id)
        form = RefundForm(request.POST or None, initial={"credits": settling.refundable(job)})
        if form.is_valid():
            credits, reason = form.cleaned_data["credits"], form.cleaned_data["reason"]
            try:
                with transaction.atomic():
                    settling.refund(job, credits, reason)
                    self.log_change(request, job, f"{credits} credits given back: {reason}")
            except NotRefundable as error:
                form.add_error("credits", str(error))
            else:
                words = gettext("%(credits)s credits given back to %(user)s.") % {"credits": credits, "user": job.user}
                self.message_user(request, words, messages.SUCCESS)
                return redirect("admin:generation_job_change", job_id)
        context = {**self.admin_site.each_context(request), "title": gettext("Give credits back"), "opts": self.opts}
        return render(request, "admin/generation/refund_job.html", {**context, "job": job, "form": form})

    def _find(self, job_id: UUID | str) -> Job:
        try:
            key = UUID(str(job_id))
        except ValueError as error:
            raise Http404("No run has this id.") from error
        job = Job.objects.select_related("user", "api_key", "hold__wallet__user").filter(pk=key).first()
        if job is None:
            raise Http404("No run has this id.")
        return job

    @admin.display(description=_("user"), ordering="user__email")
    def user_link(self, job: Job) -> SafeString:
        url = reverse("admin:accounts_user_change", args=[job.user_id])
        return format_html('<a href="{}">{}</a>', url, job.user)

    @admin.display(description=_("pictures"))
    def images(self, job: Job) -> str:
        return gettext("%(stored)s of %(wanted)s") % {"stored": job.images_stored, "wanted": job.num_images}

    @admin.display(description=_("credits"))
    def credits(self, job: Job) -> int:
        return job.credits

    @admin.display(description=_("seconds"))
    def seconds(self, job: Job) -> str:
        if not job.started_at or not job.finished_at:
            return "—"
        return f"{(job.finished_at - job.started_at).total_seconds():.1f}"
