"""Pictures for operators: facts of all, and what they show where it is no private matter or it was said why."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.read_only_admin import ReadOnlyAdmin
from accounts.visit_form import VisitForm
from generation import operators_sight
from generation.admin_thumbnail import thumbnail_of
from generation.models import Image

# What its owner wrote, or says what it shows.
_PRIVATE = ("words", "alt_text", "folder", "tags")


@admin.register(Image)
class ImageAdmin(ReadOnlyAdmin):
    """Pictures."""

    change_form_template = "admin/generation/picture.html"
    list_display = ("id", "thumbnail", "user", "width", "height", "seed", "created_at", "deleted_at")
    list_select_related = ("user",)
    list_filter = (("created_at", admin.DateFieldListFilter),)
    search_fields = ("id__exact", "user__email", "sha256__exact")
    readonly_fields = ("thumbnail",)
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        assert isinstance(request.user, User)
        return operators_sight.told(Image.objects.order_by("-id"), request.user)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        is_shown = obj is not None and operators_sight.is_open(obj)
        return ("placeholder",) if is_shown else ("placeholder", *_PRIVATE)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a picture's row; what is private once it was said why."""
        image = self.get_object(request, unquote(object_id))
        if image is None or not self.has_view_permission(request, image):
            return super().change_view(request, object_id, form_url, extra_context)
        form = VisitForm(request.POST or None)
        if "reason" in request.POST:
            if not operators_sight.is_open(image):
                form.begin(request, image.user)
            return redirect("admin:generation_image_change", image.pk)
        if operators_sight.is_open(image):
            return super().change_view(request, object_id, form_url, extra_context)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "visit_form": form})

    @admin.display(description=_("picture"))
    def thumbnail(self, image: Image) -> SafeString:
        """Show what may be seen."""
        return thumbnail_of(image) if operators_sight.is_open(image) else format_html("{}", gettext("private"))
