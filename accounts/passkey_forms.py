"""allauth's forms that take what a security key says, which a program may make up."""

from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError


class CredentialField(forms.JSONField):
    """JSON that is refused where it is nested too deeply to be read, too; Django's own then breaks the page."""

    def to_python(self, value: Any) -> Any:
        """Return what it says. Raises: ValidationError."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from None


def _credential() -> CredentialField:
    return CredentialField(required=True, widget=forms.HiddenInput)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types there
    """A new security key."""

    credential = _credential()


class AuthenticatePasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types there
    """A security key as the second factor of a log-in."""

    credential = _credential()


class LogInPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types there
    """A log-in by a passkey alone."""

    credential = _credential()


class ReauthenticatePasskeyForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types there
    """A security key once more before a change."""

    credential = _credential()
