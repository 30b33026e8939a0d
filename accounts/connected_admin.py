"""Accounts elsewhere that open somebody's account, for operators: to look at, and to disconnect. None is made here."""

from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts import connected
from accounts.read_only_admin import ReadOnlyAdmin

# The settings say which sites there are, and none of their tokens is kept.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])


@admin.register(SocialAccount)
class ConnectedAdmin(ReadOnlyAdmin):
    """What people are connected to; whoever is disconnected is told by mail."""

    list_display = ("user", "provider", "account", "date_joined", "last_login")
    list_select_related = ("user",)
    list_filter = ("provider",)
    search_fields = ("user__email", "uid__exact")
    fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: SocialAccount | None = None) -> bool:
        """Say who may disconnect."""
        return request.user.has_perm("socialaccount.delete_socialaccount")

    def delete_model(self, request: HttpRequest, obj: SocialAccount) -> None:
        """Disconnect one."""
        connected.end_by_operator([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SocialAccount]) -> None:
        """Disconnect the chosen ones."""
        connected.end_by_operator(list(queryset.select_related("user")))

    @admin.display(description=gettext_lazy("account there"))
    def account(self, row: SocialAccount) -> str:
        """Say how the site elsewhere calls it."""
        return next(iter(connected.what_is_kept(row.extra_data).values()), "—")
