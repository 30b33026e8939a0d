"""Forms about credits, for operators."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.utils import timezone

from billing.models import REASON_MAX_LENGTH

MOST_CREDITS = 1_000_000
_LONGEST_DAYS = 3650


class AdjustForm(forms.Form):
    """Give or take credits. A form carries its own key: sent twice, it moves credits once."""

    credits = forms.IntegerField(
        min_value=-MOST_CREDITS, max_value=MOST_CREDITS, help_text="A negative number takes credits away."
    )
    reason = forms.CharField(max_length=REASON_MAX_LENGTH, help_text="The person reads this on their ledger.")
    days = forms.IntegerField(
        label="Expire after (days)", min_value=1, max_value=_LONGEST_DAYS, required=False, help_text="Empty: never."
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_credits(self) -> int:
        """Refuse 0: a line that moves nothing says nothing."""
        credits: int = self.cleaned_data["credits"]
        if not credits:
            raise forms.ValidationError("Enter a number other than 0.")
        return credits

    def clean(self) -> dict[str, Any]:
        """Refuse an expiry of credits that are taken away."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("days") and cleaned.get("credits", 1) < 0:
            self.add_error("days", "Only credits that are given can expire.")
        return cleaned

    @property
    def expires_at(self) -> datetime | None:
        """When the credits expire."""
        days: int | None = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None
