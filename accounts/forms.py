"""Forms about the person: what sign-up notes besides address and password, the profile, an invite that is refused."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from accounts import addresses, referrals
from accounts.models import User, validate_time_zone
from accounts.models.referral import NOTE_MAX_LENGTH

# What floors above allow of a name that others read: each raises ValidationError.
name_checks: list[Callable[[User, str], object]] = []


class SignupExtras(forms.Form):
    """What sign-up learns beside address and password. allauth puts it under its own form."""

    # Filled in by the browser. Nobody sees it, so a value that is no time zone is no error: UTC stays.
    time_zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    invite_code = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def signup(self, request: HttpRequest, user: User) -> None:
        """Keep the browser's time zone, which decides when the billing cycle turns, and the code that was typed."""
        if code := self.cleaned_data.get("invite_code"):
            referrals.join(user, request, code=code)
        name = self.cleaned_data.get("time_zone") or ""
        try:
            validate_time_zone(name)
        except ValidationError:
            return
        user.time_zone = name
        user.save(update_fields=["time_zone"])

    def clean_time_zone(self) -> str:
        """Let sign-up pass whatever a script put here."""
        return str(self.cleaned_data["time_zone"])

    def clean_invite_code(self) -> str:
        """Refuse a code that nobody has: left unsaid, its credits would be missed later."""
        code = str(self.cleaned_data["invite_code"])
        if code and referrals.find_referrer(code) is None:
            raise ValidationError(
                gettext("We know no invite code “%(code)s”. Check it, or leave this empty.") % {"code": code}
            )
        return code


class RefuseForm(forms.Form):
    """Why an operator refuses an invite."""

    reason = forms.CharField(
        max_length=NOTE_MAX_LENGTH,
        validators=[addresses.refuse_in],
        help_text=gettext_lazy("Who sent the invite reads this; both do where credits go back."),
    )


class ProfileForm(forms.ModelForm[User]):
    """Name and time zone."""

    class Meta:
        model = User
        fields = ["display_name", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].widget = forms.Select(choices=time_zone_choices(self.instance.time_zone))

    def clean_display_name(self) -> str:
        """Take blanks away at both ends; several in a row are one. Refuse what must not be shown to others."""
        name = " ".join(str(self.cleaned_data["display_name"]).split())
        for check in name_checks:
            check(self.instance, name)
        return name


def time_zone_choices(current: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the time zones by region; the current one is always among them."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(zoneinfo.available_timezones() | {current}):
        region, _, place = name.partition("/")
        # Names without a place ("EST", "Zulu") are aliases that nobody looks for.
        if place and region not in {"Etc", "SystemV", "posix", "right"}:
            regions.setdefault(region, []).append((name, place.replace("_", " ")))
        elif name in {"UTC", current}:
            regions.setdefault("Universal", []).append((name, name))
    return sorted(regions.items())
