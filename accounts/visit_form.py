"""The form that asks why an operator looks at what is somebody's own."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts import support_visits
from accounts.models import User
from accounts.models.support_visit import VISIT_REASON_MAX_LENGTH


class VisitForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=VISIT_REASON_MAX_LENGTH,
        help_text=gettext_lazy("For the audit log. The person sees that support looked, and when."),
    )

    def begin(self, request: HttpRequest, person: User) -> None:
        """Begin a visit in the admin, or say why there is none."""
        assert isinstance(request.user, User)
        if not self.is_valid():
            messages.error(request, f"{self['reason'].label}: {' '.join(map(str, self.errors['reason']))}")
            return
        try:
            support_visits.begin_in_admin(request, request.user, person, self.cleaned_data["reason"])
        except support_visits.NotViewable as error:
            messages.error(request, str(error))
