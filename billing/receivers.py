"""What billing hears from allauth: an address is known to be somebody's, so their credits begin."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, user_signed_up
from django.conf import settings
from django.dispatch import receiver

from accounts.models import User
from billing import grants


@receiver(user_signed_up)
def start_credits_at_sign_up(*, user: User, **_: Any) -> None:
    """Begin at once where nobody must confirm, or a provider has vouched for the address."""
    if not settings.EMAIL_VERIFICATION_REQUIRED or EmailAddress.objects.filter(user=user, verified=True).exists():
        grants.start_monthly_credits(user)


@receiver(email_confirmed)
def start_credits_at_confirmation(*, email_address: EmailAddress, **_: Any) -> None:
    """Begin when the address is confirmed; a second address changes nothing."""
    grants.start_monthly_credits(email_address.user)
