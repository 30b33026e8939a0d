"""Code on the developers' pages: a snippet in every language, in tabs."""

import re
from typing import Any

from django import template
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts import quick_start
from accounts.quick_start import Command
from getimg_site import docs

register = template.Library()


@register.inclusion_tag("getimg_site/docs/_snippet.html", takes_context=True)
def snippet(context: Context, name: str) -> dict[str, Any]:
    """Show `name` (folder/file without its ending), with the reader's key where there is one."""
    key = context.get("api_key")
    found = docs.codes(name, **({"api_key": key} if key else {}))
    return {"name": name.replace("/", "-"), "codes": found, "first": found[0].language}


@register.simple_tag
def quick_start_commands(key: str = "YOUR_API_KEY") -> list[Command]:
    """Return the three commands from a key to a picture, with a model that draws here."""
    return quick_start.commands(docs.example_model(), key)


@register.filter
def code_words(text: str) -> SafeString:
    """Return the description's words with what stands between backticks as code."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308  (escaped before)
