"""Runs, pictures and models for operators. A run's status changes through its verbs alone."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_q.models import Failure, OrmQ, Schedule, Success

from accounts.read_only_admin import ReadOnlyAdmin
from generation import catalog, lifecycle
from generation.admin_thumbnail import thumbnail_of
from generation.models import (
    CustomModel,
    Image,
    InstalledModel,
    Job,
    JobInput,
    ModelAlias,
    QueueSwitch,
    Upload,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from generation.moderation_admin import ModerationCaseAdmin, ReportAdmin

__all__ = ["ModerationCaseAdmin", "ReportAdmin"]

# Their rows are pickles signed with SECRET_KEY: whoever edits one runs code on the workers.
for _queue_model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(_queue_model):
        admin.site.unregister(_queue_model)


class ImageInline(admin.TabularInline[Image, Job]):
    """The pictures of a run."""

    model = Image
    fields = ("index", "thumbnail", "seed", "width", "height", "size_bytes", "deleted_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> SafeString:
        return thumbnail_of(image)


class JobInputInline(admin.TabularInline[JobInput, Job]):
    """What a run began from."""

    model = JobInput
    fk_name = "job"
    fields = ("role", "kind", "source_id", "width", "height")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Runs, with filters and cancel."""

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
    list_filter = ("status", "task", "served_by", "error_code", ("created_at", admin.DateFieldListFilter))
    search_fields = ("id__exact", "user__email")
    list_select_related = ("user",)
    date_hierarchy = "created_at"
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)
    inlines = (JobInputInline, ImageInline)
    actions = ("cancel",)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.change_job")

    @admin.action(description="Cancel and give the credits back", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Cancel what is still active; the rest is left as it is."""
        canceled = [job for job in queryset if lifecycle.cancel(job)]
        self.message_user(request, f"{len(canceled)} of {len(queryset)} runs canceled.", messages.SUCCESS)

    @admin.display(description="user", ordering="user__email")
    def user_link(self, job: Job) -> SafeString:
        url = reverse("admin:accounts_user_change", args=[job.user_id])
        return format_html('<a href="{}">{}</a>', url, job.user)

    @admin.display(description="pictures")
    def images(self, job: Job) -> str:
        return f"{job.images_stored} of {job.num_images}"

    @admin.display(description="seconds")
    def seconds(self, job: Job) -> str:
        if not job.started_at or not job.finished_at:
            return "—"
        return f"{(job.finished_at - job.started_at).total_seconds():.1f}"


@admin.register(Image)
class ImageAdmin(ReadOnlyAdmin):
    """Pictures."""

    list_display = ("id", "thumbnail", "user", "width", "height", "seed", "created_at", "deleted_at")
    list_select_related = ("user",)
    list_filter = (("created_at", admin.DateFieldListFilter),)
    search_fields = ("id__exact", "user__email", "sha256__exact")
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)

    @admin.display(description="picture")
    def thumbnail(self, image: Image) -> SafeString:
        return thumbnail_of(image)


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

    title = "training"
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

    @admin.action(description="Cancel the training and give the credits back", permissions=["cancel"])
    def cancel_training(self, request: HttpRequest, queryset: QuerySet[CustomModel]) -> None:
        """Cancel what waits or runs; the rest is left as it is."""
        canceled = [model for model in queryset.select_related("job") if model.job and lifecycle.cancel(model.job)]
        self.message_user(request, f"{len(canceled)} of {len(queryset)} trainings canceled.", messages.SUCCESS)

    @admin.display(description="training", ordering="job__status")
    def training(self, model: CustomModel) -> SafeString | str:
        if model.job is None:
            return "—"
        url = reverse("admin:generation_job_change", args=[model.job.pk])
        return format_html('<a href="{}">{}</a>', url, model.job.get_status_display())

    @admin.display(description="progress")
    def progress(self, model: CustomModel) -> str:
        return f"{model.steps_done} of {model.steps_total}" if model.steps_total else "—"

    @admin.display(description="attempts")
    def attempts(self, model: CustomModel) -> int:
        return model.job.attempt if model.job else 0

    @admin.display(description="pictures")
    def num_pictures(self, model: CustomModel) -> int:
        return model.pictures.count()


@admin.register(ModelAlias)
class ModelAliasAdmin(admin.ModelAdmin[ModelAlias]):
    """Names under which models are offered."""

    list_display = ("slug", "target")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "target" and field is not None:
            field.help_text = "One of: " + ", ".join(catalog.MODELS)
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


class WebhookAttemptInline(admin.TabularInline[WebhookAttempt, WebhookDelivery]):
    """The tries of a message."""

    model = WebhookAttempt
    fields = ("started_at", "milliseconds", "status_code", "trouble")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Messages to endpoints; what they say is their owners'."""

    list_display = ("message_id", "endpoint", "event", "status", "tries", "due_at", "created_at")
    list_filter = ("status", "event", ("created_at", admin.DateFieldListFilter))
    search_fields = ("id__exact", "endpoint__id__exact", "endpoint__user__email")
    fields = ("message_id", "endpoint", "event", "job", "status", "tries", "due_at", "created_at", "ended_at")
    inlines = (WebhookAttemptInline,)
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)


@admin.register(QueueSwitch)
class QueueSwitchAdmin(admin.ModelAdmin[QueueSwitch]):
    """Pausing a queue: nothing new is begun, what runs waits at its checkpoint until the row says otherwise."""

    list_display = ("queue", "is_paused")
    list_editable = ("is_paused",)
