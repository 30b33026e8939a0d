"""People and invites, for operators."""

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import UserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from accounts import api_keys, moving, referrals
from accounts.audit_admin import AuditLineAdmin
from accounts.connected_admin import ConnectedAdmin
from accounts.forms import RefuseForm
from accounts.models import ApiKey, Referral, User
from accounts.read_only_admin import ReadOnlyAdmin
from accounts.switch_admin import FeatureSwitchAdmin

__all__ = ["AuditLineAdmin", "ConnectedAdmin", "FeatureSwitchAdmin"]


admin.site.unregister(UserSession)


@admin.register(UserSession)
class UserSessionAdmin(ReadOnlyAdmin):
    """Where people are signed in: to look at. Never the session's key, which lets in whoever has it."""

    list_display = ("user", "ip", "user_agent", "created_at", "last_seen_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "ip__exact")
    fields = ("user", "ip", "user_agent", "created_at", "last_seen_at")


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    """Second factors: to look at, and to take away from who has lost theirs. Never what they are made of."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("user__email",)
    fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        """Say who may take one away."""
        return request.user.has_perm("mfa.delete_authenticator")


# Who could tick these could be whatever they wish.
_RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


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
    search_fields = ("email", "display_name", "id__exact", "referral_code__exact")
    ordering = ("-id",)
    show_full_result_count = False
    list_per_page = 50
    readonly_fields: ClassVar[Any] = ("date_joined", "last_login")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("email", "password", "display_name", "time_zone")}),
        (gettext_lazy("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (gettext_lazy("Dates"), {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Say who may change whom: with a superuser's address or password one would be a superuser."""
        is_above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return super().has_change_permission(request, obj) and not is_above

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return what is only shown: rights are given by superusers alone."""
        return (*super().get_readonly_fields(request, obj), *(() if request.user.is_superuser else _RIGHTS))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Keep one spelling of an address; with a new one goes all that leads into the account."""
        obj.email = obj.email.strip().lower()
        old = User.objects.filter(pk=obj.pk).values_list("email", flat=True).first()
        super().save_model(request, obj, form, change)
        if old not in {None, obj.email}:
            moving.move_logins(obj, str(old), keep_session=request.session.session_key)


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    """Invites: to look at, and to refuse before they bring anything more."""

    list_display = ("referrer", "friend", "state", "fault", "joined_at", "confirmed_at", "rewarded_at", "refused_at")
    list_filter = ("state", "fault", ("joined_at", admin.DateFieldListFilter))
    list_select_related = ("referrer", "friend")
    search_fields = (
        "referrer__email",
        "friend__email",
        "referrer__referral_code__exact",
        "network__exact",
        "device__exact",
    )
    ordering = ("-id",)
    actions = ("refuse",)

    def has_refuse_permission(self, request: HttpRequest) -> bool:
        """Say who may refuse; Django asks for the action's sake."""
        return request.user.has_perm("accounts.refuse_referral")

    @admin.action(description=gettext_lazy("Refuse with a reason"), permissions=["refuse"])
    def refuse(self, request: HttpRequest, chosen: QuerySet[Referral]) -> HttpResponse | None:
        """Ask for the reason; then nothing more comes of these invites. What they brought is billing's to take back."""
        form = RefuseForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {**self.admin_site.each_context(request), "title": gettext("Refuse invites"), "opts": self.opts}
            return render(request, "admin/accounts/refuse_invites.html", {**context, "form": form, "chosen": chosen})
        reason = form.cleaned_data["reason"]
        # A mere click is nobody's yet: whoever signs up with it would only begin another invite.
        open_invites = list(chosen.exclude(state=Referral.State.REFUSED).filter(friend__isnull=False))
        for referral in open_invites:
            referrals.refuse(referral, Referral.Fault.TEAM, note=reason)
            self.log_change(request, referral, f"Refused: {reason}")
        words = gettext("%(count)s refused; invites by which nobody joined, or that were refused before, stay so.")
        self.message_user(request, words % {"count": len(open_invites)}, messages.SUCCESS)
        return None


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

    @admin.action(description=gettext_lazy("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End them with the next request."""
        revoked = sum(api_keys.revoke(key) for key in queryset)
        self.message_user(request, gettext("Revoked: %(count)s.") % {"count": revoked})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keys are made by their owners, and by `manage.py create_api_key`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """A key that was used is on its runs; revoke it."""
        return False
