"""The editor's form: which task, its settings as typed, and what was refused, as the page's script reads it.

The bounds themselves are `params`'s.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from accounts.models import User
from billing.errors import InsufficientCredits
from generation import own_models, params, styles
from generation.errors import FieldError, GenerationError, InvalidParams
from generation.params import Params
from generation.params.reader import either

# A refusal that no single field caused.
WHOLE_FORM = "form"
_KEY_LENGTH = 64
_SETTING_MAX_LENGTH = 100
# The words are a preset's own fields; margins, pictures and a seed are made for the picture on the board.
_OF_ONE_PICTURE = frozenset(
    {
        "prompt",
        "negative_prompt",
        "seed",
        "image",
        "images",
        "mask",
        "strokes",
        "weights",
        "left",
        "right",
        "top",
        "bottom",
    }
)
# What is about the form, not about the picture.
_ABOUT = frozenset({"task", "key", "csrfmiddlewaretoken"})


@dataclass(frozen=True)
class EditForm:
    """One press of the editor's button; `key` names it, so that it makes one run."""

    task: str
    values: dict[str, Any]
    key: str

    def params(self, user: User, *, require_prompt: bool = True) -> Params:
        """Return what is to be done. Raises: InvalidParams."""
        if self.task not in params.FIELDS:
            message = gettext("There is no task “%(value)s”; choose %(tasks)s.") % {
                "value": self.task[:40],
                "tasks": either(params.FIELDS),
            }
            raise InvalidParams([FieldError("task", message)])
        return params.parse(self.task, self.values, user, require_prompt=require_prompt)


def settings_of(data: QueryDict) -> dict[str, str]:
    """Return the tool and its settings, for a preset; not what belongs to one picture alone. Empty without a tool."""
    task = data.get("task", "")
    if task not in params.EDITS:
        return {}
    names = [name for name in params.FIELDS[task] if name not in _OF_ONE_PICTURE]
    values = {name: data.get(name, "")[:_SETTING_MAX_LENGTH] for name in names}
    return styles.read_settings({"task": task, **values}, ("task", *names))


def typed(data: QueryDict) -> EditForm:
    """Return the form as it was sent; a field that comes several times is a list."""
    values = {name: items[0] if len(items := data.getlist(name)) == 1 else items for name in data if _is_setting(name)}
    if loras := own_models.text_of(data):
        values["loras"] = loras
    return EditForm(data.get("task", ""), values, data.get("key", "")[:_KEY_LENGTH] or uuid.uuid4().hex)


def _is_setting(name: str) -> bool:
    return name not in _ABOUT and name != own_models.BOX and not name.startswith(own_models.WEIGHT)


def refusals(error: GenerationError | InsufficientCredits) -> dict[str, list[dict[str, str]]]:
    """Return what was refused: a message for each field."""
    if isinstance(error, InvalidParams):
        errors = error.errors
    elif isinstance(error, InsufficientCredits):
        words = gettext("This costs %(required)s credits and you have %(available)s. Nothing was sent.") % {
            "required": f"{error.required:,}",
            "available": f"{error.available:,}",
        }
        errors = [FieldError(WHOLE_FORM, words)]
    else:
        errors = [FieldError(WHOLE_FORM, str(error))]
    return {"errors": [{"field": one.field, "message": one.message, "link": one.link} for one in errors]}
