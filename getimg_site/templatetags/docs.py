"""Code on the developers' pages: a snippet in every language, in tabs."""

from typing import Any

from django import template
from django.template import Context

from getimg_site import docs

register = template.Library()


@register.inclusion_tag("getimg_site/docs/_snippet.html", takes_context=True)
def snippet(context: Context, name: str) -> dict[str, Any]:
    """Show `name` (folder/file without its ending), with the reader's key where there is one."""
    key = context.get("api_key")
    found = docs.codes(name, **({"api_key": key} if key else {}))
    return {"name": name.replace("/", "-"), "codes": found, "first": found[0].language}
