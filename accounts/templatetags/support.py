"""What people read of support: who looked at their account, and where to turn."""

from django import template
from django.conf import settings

from accounts import support_visits
from accounts.models import SupportVisit, User

register = template.Library()


@register.simple_tag
def support_visits_to(person: User) -> list[SupportVisit]:
    """Return when support looked at this account, the latest first."""
    return support_visits.recent(person)


@register.simple_tag
def support_address() -> str:
    """Return where somebody turns who cannot help themselves."""
    return str(settings.SUPPORT_EMAIL)
