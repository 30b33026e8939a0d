"""Forms about API keys: what a key may do, how it is rotated, when low credits are told."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from accounts import api_keys, networks
from accounts.models import KEY_NAME_MAX_LENGTH, ApiAccount, ApiKey, Scope, User

CREDITS_MAX = 1_000_000_000
NETWORKS_MAX = 50
OVERLAPS = (
    (0, gettext_lazy("At once")),
    (1, gettext_lazy("In an hour")),
    (24, gettext_lazy("In 24 hours")),
    (168, gettext_lazy("In 7 days")),
)
_A_MOMENT = timedelta(microseconds=1)


class KeyForm(forms.Form):
    """Name and limits of a key."""

    name = forms.CharField(
        max_length=KEY_NAME_MAX_LENGTH, error_messages={"required": gettext_lazy("Give the key a name.")}
    )
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        error_messages={"required": gettext_lazy("Choose at least one: a key that may do nothing is of no use.")},
    )
    expires_on = forms.DateField(required=False)
    daily_cap = forms.IntegerField(required=False, min_value=1, max_value=CREDITS_MAX)
    monthly_cap = forms.IntegerField(required=False, min_value=1, max_value=CREDITS_MAX)
    networks = forms.CharField(required=False, max_length=4000)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @classmethod
    def of(cls, key: ApiKey, *args: Any) -> "KeyForm":
        """Return the form as the key stands."""
        end = (key.expires_at - _A_MOMENT).astimezone(key.user.zone).date() if key.expires_at else None
        initial = {
            "name": key.name,
            "scopes": key.scopes,
            "expires_on": end.isoformat() if end else None,
            "daily_cap": key.daily_cap,
            "monthly_cap": key.monthly_cap,
            "networks": "\n".join(key.allowed_networks),
        }
        return cls(key.user, *args, initial=initial)

    def clean_name(self) -> str:
        """Take blanks away at both ends; several in a row are one."""
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean_expires_on(self) -> datetime | None:
        """Return the end of the day in the person's zone. A day that is over would make a key that opens nothing."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        today = timezone.now().astimezone(self.user.zone).date()
        if not today <= day <= today.replace(year=today.year + 10, day=min(today.day, 28)):
            raise forms.ValidationError(gettext("Choose a day from today on, within ten years; or none."))
        return datetime.combine(day + timedelta(days=1), time.min, self.user.zone)

    def clean_networks(self) -> list[str]:
        """Return the networks, one a line or with commas between them."""
        words = str(self.cleaned_data["networks"]).replace(",", " ").split()
        if len(words) > NETWORKS_MAX:
            raise forms.ValidationError(
                gettext("%(networks_max)s networks at most; these are %(count)s.")
                % {"networks_max": NETWORKS_MAX, "count": len(words)}
            )
        try:
            return list(dict.fromkeys(networks.parse(word) for word in words))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def facts(self) -> dict[str, Any]:
        """What `api_keys.create` and `api_keys.change` take."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "scopes": cleaned["scopes"],
            "expires_at": cleaned["expires_on"],
            "allowed_networks": cleaned["networks"],
            "daily_cap": cleaned["daily_cap"],
            "monthly_cap": cleaned["monthly_cap"],
        }

    @property
    def is_limited(self) -> bool:
        """Whether anything beside the name is set or refused: the fold stands open then."""
        limits = ("expires_on", "daily_cap", "monthly_cap", "networks")
        return any(self[name].value() for name in limits) or bool({*limits, "scopes"} & set(self.errors))


class NewKeyForm(KeyForm):
    """A key to be made."""

    kind = forms.ChoiceField(choices=(("test", gettext_lazy("Test")), ("live", gettext_lazy("Live"))))

    @property
    def facts(self) -> dict[str, Any]:
        """With which product's rules it works."""
        return {**super().facts, "is_test": self.cleaned_data["kind"] == "test"}


class RotateForm(forms.Form):
    """When the text before the rotation ends."""

    hours = forms.TypedChoiceField(choices=OVERLAPS, coerce=int, initial=api_keys.OVERLAP // timedelta(hours=1))

    @property
    def overlap(self) -> timedelta:
        """For how long both texts work."""
        return timedelta(hours=self.cleaned_data["hours"])


class LowBalanceForm(forms.ModelForm[ApiAccount]):
    """Below how many credits a mail goes out."""

    low_balance_at = forms.IntegerField(min_value=0, max_value=CREDITS_MAX)

    class Meta:
        model = ApiAccount
        fields = ["low_balance_at"]
