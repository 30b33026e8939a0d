"""People, for operators."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import UserCreationForm

from accounts.models import User


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
