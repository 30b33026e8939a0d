"""What the sign-up page says to somebody who was invited."""

from django import template
from django.template import RequestContext

from accounts import referrals
from accounts.referrals import Invite

register = template.Library()


@register.simple_tag(takes_context=True)
def invite_of_visitor(context: RequestContext) -> Invite | None:
    """Return the invite that the visitor's browser carries."""
    request = context.get("request")
    return referrals.invite_of(request) if request else None
