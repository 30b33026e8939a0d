"""People, for operators."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import api_keys
from accounts.models import ApiKey, User


class UserForm(UserCreationForm[User]):
    """A new person: address and password."""

    class Meta:
        model = User
        fields = ("email",)


@admin.register(User)
class UserAdmin(BaseUserAdmin[User]):
    """People by address; the floors above add what they know (balance, runs)."""

    add_form = UserForm
    list_display: tuple[str, ...] = ("email", "display_name", "time_zone", "date_joined", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", ("date_joined", admin.DateFieldListFilter))
    search_fields = ("email", "display_name", "id__exact")
    ordering = ("-id",)
    show_full_result_count = False
    list_per_page = 50
    readonly_fields = ("date_joined", "last_login")
    fieldsets = (
        (None, {"fields": ("email", "password", "display_name", "time_zone")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """Keys, to be looked at and revoked; their texts are nowhere to be seen."""

    list_display = ("prefix", "name", "user", "is_test", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("is_test", ("revoked_at", admin.EmptyFieldListFilter), ("created_at", admin.DateFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("prefix__startswith", "name", "user__email", "id__exact")
    ordering = ("-id",)
    show_full_result_count = False
    list_per_page = 50
    exclude = ("digest", "previous_digest")
    readonly_fields = tuple(
        field.name for field in ApiKey._meta.fields if field.name not in {"digest", "previous_digest"}
    )
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End them with the next request."""
        revoked = sum(api_keys.revoke(key) for key in queryset)
        self.message_user(request, f"Revoked: {revoked}.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keys are made by their owners, and by `manage.py create_api_key`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A key that was used is on its runs; revoke it."""
        return False
