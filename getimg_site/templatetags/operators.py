"""What the admin's first page shows beside its list of tables."""

from django import template
from django.template import Context

from getimg_site import attention

register = template.Library()


@register.simple_tag(takes_context=True)
def what_waits(context: Context) -> list[attention.Matter]:
    """Return what needs the attention of the operator who looks."""
    return attention.matters(context["request"].user)
