"""The form that asks why an operator looks at what is somebody's own."""

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models.support_visit import VISIT_REASON_MAX_LENGTH


class VisitForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=VISIT_REASON_MAX_LENGTH,
        help_text=gettext_lazy("For the audit log. The person sees that support looked, and when."),
    )
