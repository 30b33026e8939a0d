"""Models, uploads and webhooks for operators; runs and pictures are in `job_admin` and `image_admin`."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.labelled_admin import LabelledAdmin
from accounts.read_only_admin import ReadOnlyAdmin, ReadOnlyInline
from generation import catalog, lifecycle
from generation.image_admin import ImageAdmin
from generation.job_admin import JobAdmin
from generation.model_install_admin import ModelInstallAdmin
from generation.model_switch_admin import ModelSwitchAdmin
from generation.models import (
    CustomModel,
    InstalledModel,
    Job,
    ModelAlias,
    QueueSwitch,
    Upload,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from generation.moderation_admin import ModerationCaseAdmin, ReportAdmin
from generation.policy_admin import PolicyRuleAdmin

__all__ = [
    "ImageAdmin",
    "JobAdmin",
    "ModelInstallAdmin",
    "ModelSwitchAdmin",
    "ModerationCaseAdmin",
    "PolicyRuleAdmin",
    "ReportAdmin",
]

# Their rows are pickles signed with SECRET_KEY: whoever edits one runs code on the workers.
for _queue_model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(_queue_model):
        admin.site.unregister(_queue_model)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Pictures that people brought along: their facts. Whose they are alone sees them."""

    list_display = ("id", "user", "kind", "width", "height", "size_bytes", "created_at", "used_at", "deleted_at")
    list_select_related = ("user",)
    list_filter = ("kind", ("created_at", admin.DateFieldListFilter))
    search_fields = ("id__exact", "user__email", "sha256__exact")
    exclude = ("placeholder",)
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)


class TrainingFilter(admin.SimpleListFilter):
    """How the last training stands."""

    title = _("training")
    parameter_name = "training"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Job.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[CustomModel]) -> QuerySet[CustomModel]:
        return queryset.filter(job__status=self.value()) if self.value() else queryset


@admin.register(CustomModel)
class CustomModelAdmin(ReadOnlyAdmin):
    """People's own models and their trainings: how they stand and why. Their pictures are their owners' alone."""

    list_display = ("id", "name", "owner", "state", "base_model", "training", "progress", "attempts", "failure_reason")
    list_filter = ("state", TrainingFilter, "origin", "subject_class", "base_model")
    search_fields = ("id__exact", "owner__email", "job__id__exact", "sha256__exact")
    list_select_related = ("owner", "job")
    exclude = ("share_token", "loss_curve")
    readonly_fields = ("training", "progress", "attempts", "num_pictures")
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)
    actions = ("cancel_training",)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.change_job")

    @admin.action(description=_("Cancel the training and give the credits back"), permissions=["cancel"])
    def cancel_training(self, request: HttpRequest, queryset: QuerySet[CustomModel]) -> None:
        """Cancel what waits or runs; the rest is left as it is."""
        canceled = [model for model in queryset.select_related("job") if model.job and lifecycle.cancel(model.job)]
        words = gettext("%(canceled)s of %(count)s trainings canceled.")
        said = {"canceled": len(canceled), "count": len(queryset)}
        self.message_user(request, words % said, messages.SUCCESS)

    @admin.display(description=_("training"), ordering="job__status")
    def training(self, model: CustomModel) -> SafeString | str:
        if model.job is None:
            return "—"
        url = reverse("admin:generation_job_change", args=[model.job.pk])
        return format_html('<a href="{}">{}</a>', url, model.job.get_status_display())

    @admin.display(description=_("progress"))
    def progress(self, model: CustomModel) -> str:
        said = {"done": model.steps_done, "total": model.steps_total}
        return gettext("%(done)s of %(total)s") % said if model.steps_total else "—"

    @admin.display(description=_("attempts"))
    def attempts(self, model: CustomModel) -> int:
        return model.job.attempt if model.job else 0

    @admin.display(description=_("pictures"))
    def num_pictures(self, model: CustomModel) -> int:
        return model.pictures.count()


@admin.register(ModelAlias)
class ModelAliasAdmin(admin.ModelAdmin[ModelAlias]):
    """Names under which models are offered."""

    list_display = ("slug", "target")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "target" and field is not None:
            field.help_text = gettext("One of: %(models)s") % {"models": ", ".join(catalog.MODELS)}
        return field


@admin.register(InstalledModel)
class InstalledModelAdmin(ReadOnlyAdmin):
    """What `download_model` fetched and pinned."""

    list_display = ("slug", "hub_id", "revision", "size_bytes", "installed_at")


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    """Where accounts want to be told; never with the secrets."""

    list_display = ("id", "user", "url", "off", "failing_since", "created_at")
    list_select_related = ("user",)
    list_filter = ("off",)
    search_fields = ("id__exact", "user__email", "url")
    fields = ("id", "user", "url", "description", "events", "off", "failing_since", "created_at")
    ordering = ("-id",)


class WebhookAttemptInline(ReadOnlyInline):
    """The tries of a message."""

    model = WebhookAttempt
    fields = ("started_at", "milliseconds", "status_code", "trouble")
    readonly_fields = fields


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Messages to endpoints; what they say is their owners'."""

    list_display = ("message", "endpoint", "event", "status", "tries", "due_at", "created_at")
    list_filter = ("status", "event", ("created_at", admin.DateFieldListFilter))
    search_fields = ("id__exact", "endpoint__id__exact", "endpoint__user__email")
    fields = ("message", "endpoint", "event", "job", "status", "tries", "due_at", "created_at", "ended_at")
    inlines = (WebhookAttemptInline,)
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)

    @admin.display(description=_("message"))
    def message(self, delivery: WebhookDelivery) -> str:
        return delivery.message_id


@admin.register(QueueSwitch)
class QueueSwitchAdmin(LabelledAdmin):
    """Pausing a queue: nothing new is begun, what runs waits at its checkpoint until the row says otherwise."""

    list_display = ("queue", "is_paused")
    list_editable = ("is_paused",)
