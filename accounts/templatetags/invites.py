"""What the sign-up page says to somebody who was invited."""

from django import template
from django.conf import settings
from django.template import RequestContext

from accounts import referrals

register = template.Library()


@register.inclusion_tag("accounts/_invited.html", takes_context=True)
def invited(context: RequestContext) -> dict[str, object]:
    """Say who invited the visitor and what that brings; nothing to those whom nobody did."""
    request = context.get("request")
    invite = referrals.invite_of(request) if request else None
    return {"referrer": invite and invite.referrer, "credits": settings.REFERRAL_FRIEND_CREDITS}
