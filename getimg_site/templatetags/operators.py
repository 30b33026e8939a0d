"""What the admin's first page shows beside its list of tables."""

from django import template
from django.template import Context

from getimg_site import attention, operator_figures, operators_now

register = template.Library()


@register.simple_tag(takes_context=True)
def what_waits(context: Context) -> list[attention.Matter]:
    """Return what needs the attention of the operator who looks."""
    return attention.matters(context["request"].user)


@register.simple_tag(takes_context=True)
def what_goes_on(context: Context) -> list[operators_now.Card]:
    """Return the queues as they are now, and what is kept safe, for the operator who looks."""
    return operators_now.cards_for(context["request"].user)


@register.simple_tag(takes_context=True)
def figures_by_day(context: Context) -> operator_figures.HomeFigures:
    """Return the plots for the operator who looks, of `?days=`."""
    request = context["request"]
    return operator_figures.figures_for(request.user, request.GET.get("days", ""))
