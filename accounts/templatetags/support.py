"""What people read of who looked at their account."""

from django import template

from accounts import support_visits
from accounts.models import SupportVisit, User

register = template.Library()


@register.simple_tag
def support_visits_to(person: User) -> list[SupportVisit]:
    """Return when support looked at this account, the latest first."""
    return support_visits.recent(person)
