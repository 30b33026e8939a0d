"""Words that others read and that no picture belongs to: names and wishes, held to the policy."""

from django.core.exceptions import ValidationError

from accounts.models import User
from generation import moderation
from generation.errors import ContentRefused


def check(user: User, place: str, *texts: str) -> None:
    """Refuse words that the policy does not allow. Raises: ValidationError."""
    try:
        moderation.check_shown(user, place, *texts)
    except ContentRefused as error:
        raise ValidationError(moderation.said(error)) from error


def check_name(user: User, name: str) -> None:
    """Refuse a name. Raises: ValidationError."""
    check(user, "display_name", name)
