"""What pages show of the accounts elsewhere by which somebody logs in."""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.template import RequestContext

from accounts import connected
from accounts.connected import Connected
from accounts.models import User

register = template.Library()


@register.simple_tag
def accounts_connected_to(person: User) -> list[Connected]:
    """Return the accounts by which the person logs in."""
    return connected.of(person)


@register.simple_tag(takes_context=True)
def sites_to_connect(context: RequestContext, person: User) -> list[Any]:
    """Return the sites that are offered and that the person is not connected to, as allauth knows them."""
    taken = {row.site_id for row in connected.of(person)}
    sites = [site for site in get_adapter().list_providers(context["request"]) if site.id not in taken]
    return sorted(sites, key=lambda site: str(site.name))
