"""allauth's hooks: addresses in lower case, mails in our own words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


class AccountAdapter(DefaultAccountAdapter):
    """How this site differs from allauth's defaults."""

    def clean_email(self, email: str) -> str:
        """Keep one spelling of each address."""
        return str(super().clean_email(email)).strip().lower()

    def format_email_subject(self, subject: str) -> str:
        """Leave the subject as it is written: the sender's name says who writes."""
        return subject

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail that knows the site's name and address."""
        super().send_mail(
            template_prefix, email, {**context, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
        )
