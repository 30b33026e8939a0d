"""Forms about credits and plans, for operators."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from accounts import addresses
from billing.models import FREE, REASON_MAX_LENGTH, Pack, Plan
from billing.money import has_cents

MOST_CREDITS = 1_000_000
_LONGEST_DAYS = 3650


class AdjustForm(forms.Form):
    """Give or take credits. A form carries its own key: sent twice, it moves credits once."""

    credits = forms.IntegerField(
        min_value=-MOST_CREDITS, max_value=MOST_CREDITS, help_text=gettext_lazy("A negative number takes credits away.")
    )
    # The ledger is never written anew, also when its owner is erased.
    reason = forms.CharField(
        max_length=REASON_MAX_LENGTH,
        validators=[addresses.refuse_in],
        help_text=gettext_lazy("The person reads this on their ledger."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Expire after (days)"),
        min_value=1,
        max_value=_LONGEST_DAYS,
        required=False,
        help_text=gettext_lazy("Empty: never."),
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_credits(self) -> int:
        """Refuse 0: a line that moves nothing says nothing."""
        credits: int = self.cleaned_data["credits"]
        if not credits:
            raise forms.ValidationError(gettext("Enter a number other than 0."))
        return credits

    def clean(self) -> dict[str, Any]:
        """Refuse an expiry of credits that are taken away."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("days") and cleaned.get("credits", 1) < 0:
            self.add_error("days", gettext("Only credits that are given can expire."))
        return cleaned

    @property
    def expires_at(self) -> datetime | None:
        """When the credits expire."""
        days: int | None = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class GivePlanForm(forms.Form):
    """Give somebody a plan that nobody pays for, or take it back."""

    plan = forms.ModelChoiceField(
        Plan.objects.all(),
        empty_label=None,
        help_text=gettext_lazy("The free plan takes a given one back. While a plan is paid for, the given one rests."),
    )
    reason = forms.CharField(
        max_length=REASON_MAX_LENGTH, help_text=gettext_lazy("It stands in the log of what operators did.")
    )


def _currency(text: str) -> str:
    """Return a currency as the shop writes it, which tells what was paid in it. Refuses one that has no cents."""
    currency = text.lower()
    if not has_cents(currency):
        message = gettext(
            "The currency %(currency)s cannot be used: enter three letters of one with cents, such as usd."
        )
        raise forms.ValidationError(message % {"currency": text})
    return currency


class PlanForm(forms.ModelForm[Plan]):
    """A plan. What the database would refuse is said at the field: the slug is not in the form once it is chosen."""

    class Meta:
        model = Plan
        fields = "__all__"  # noqa: DJ007  (the admin says which)

    def clean(self) -> dict[str, Any]:
        """Refuse a free plan that costs something, and any other that does not."""
        cleaned = super().clean() or self.cleaned_data
        slug = cleaned.get("slug") or self.instance.slug
        for name in ("month_cents", "year_cents"):
            cents = cleaned.get(name)
            if cents is None:
                continue
            if slug == FREE and cents:
                self.add_error(name, gettext("The free plan costs 0 cents, not %(cents)s.") % {"cents": f"{cents:,}"})
            elif slug != FREE and not cents:
                self.add_error(name, gettext("A plan that is paid for costs at least 1 cent."))
        return cleaned

    def clean_currency(self) -> str:
        """Refuse what is no currency with cents."""
        return _currency(self.cleaned_data["currency"])

    def clean_jobs_at_once(self) -> int:
        """Refuse a plan on which nothing would ever be drawn."""
        jobs: int = self.cleaned_data["jobs_at_once"]
        if jobs < 1:
            raise forms.ValidationError(gettext("At least 1 run at a time; 0 would draw nothing."))
        return jobs


class PackForm(forms.ModelForm[Pack]):
    """A pack: some credits for some money."""

    credits = forms.IntegerField(label=gettext_lazy("Credits"), min_value=1)
    price_cents = forms.IntegerField(label=gettext_lazy("Price (cents)"), min_value=1)

    class Meta:
        model = Pack
        fields = "__all__"  # noqa: DJ007  (the admin says which)

    def clean_currency(self) -> str:
        """Refuse what is no currency with cents."""
        return _currency(self.cleaned_data["currency"])
