"""allauth's hooks: addresses in lower case, mails in our own words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import connected, switches, vouched_again
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

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Show the address that counts now to whoever has changed it."""
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return str(super().get_email_verification_redirect_url(email_address))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Go back to where a password is one line of several; allauth would show the empty form again."""
        return reverse("mfa_index")

    def format_email_subject(self, subject: str) -> str:
        """Leave the subject as it is written: the sender's name says who writes."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that knows the site's name and address."""
        super().send_mail(
            template_prefix, email, {**context, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell of a change, and what opens the account beside the password: it may have to be ended, too."""
        facts = {"connected": connected.names_of(user), "support_email": settings.SUPPORT_EMAIL, **(context or {})}
        super().send_notification_mail(template_prefix, user, facts, email)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask before a change who it is, at another site where that is the way in. Raises: ImmediateHttpResponse."""
        is_required = bool(super().is_reauthentication_required(app=app, **kwargs))
        if is_required:
            vouched_again.ask(self.request)
        return is_required

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Tell somebody who has just shown who they are why they cannot come in, and how to object."""
        suspension = Suspension.open_of(user) if isinstance(user, User) else None
        if suspension is None:
            response: HttpResponse = super().respond_user_inactive(request, user)
            return response
        context = {"suspension": suspension, "support_email": settings.SUPPORT_EMAIL}
        return render(request, "account/account_inactive.html", context, status=403)
