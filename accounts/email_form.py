"""The form for another address. A module of its own: allauth's forms read `accounts.forms` while they are made."""

from typing import Any

from allauth.account.forms import AddEmailForm
from allauth.account.models import EmailAddress
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.models import User


class ChangeEmailForm(AddEmailForm):
    """Another address, which counts once it is confirmed; until then the present one does."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = gettext_lazy("New email")

    def save(self, request: HttpRequest) -> EmailAddress:
        """Write to the new address, and keep the present one.

        Where nobody must confirm, the present one never was; allauth would take it for one that is still to be
        confirmed, and drop it for the new one.
        """
        facts = {"primary": True, "verified": True}
        EmailAddress.objects.update_or_create(user=self.user, email=self.user.email, defaults=facts)
        return super().save(request)
