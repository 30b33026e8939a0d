"""The three commands from a key to a picture, as the documentation has them."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_noop

_FOLDER = "getimg_site/docs/snippets/quick_start"
_STEPS = (
    ("create", gettext_noop("Ask for a picture")),
    ("look", gettext_noop("Look at it, with the id of the answer")),
    ("save", gettext_noop("Keep it, with the address of the answer")),
)


@dataclass(frozen=True)
class Command:
    """One step: what it does, and the command."""

    title: str
    text: str


def commands(model: str, key: str = "YOUR_API_KEY") -> list[Command]:
    """Return the steps with a model and a key filled in."""
    places = {"api_url": api_url(), "api_key": key, "model": model, "id": "ID", "image_url": "IMAGE_URL"}
    return [Command(gettext(title), render_to_string(f"{_FOLDER}/{name}.sh", places).strip()) for name, title in _STEPS]


def api_url() -> str:
    """Return where the API answers: on its own host where it has one."""
    if not settings.API_HOST:
        return str(settings.SITE_URL)
    return f"{settings.SITE_URL.partition('://')[0]}://{settings.API_HOST}"
