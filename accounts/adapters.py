"""allauth's hooks: addresses in lower case, mails in our own words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import switches
from accounts.models import Feature, Suspension, User


class AccountAdapter(DefaultAccountAdapter):
    """How this site differs from allauth's defaults."""

    def clean_email(self, email: str) -> str:
        """Keep one spelling of each address."""
        return str(super().clean_email(email)).strip().lower()

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Let new people in, whatever vouches for them. Raises: FeatureOff."""
        switches.check(Feature.SIGN_UPS)
        return True

    def format_email_subject(self, subject: str) -> str:
        """Leave the subject as it is written: the sender's name says who writes."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that knows the site's name and address."""
        super().send_mail(
            template_prefix, email, {**context, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
        )

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Tell somebody who has just shown who they are why they cannot come in, and how to object."""
        suspension = Suspension.open_of(user) if isinstance(user, User) else None
        if suspension is None:
            response: HttpResponse = super().respond_user_inactive(request, user)
            return response
        context = {"suspension": suspension, "support_email": settings.SUPPORT_EMAIL}
        return render(request, "account/account_inactive.html", context, status=403)
