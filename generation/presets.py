"""People's own styles and settings: making, changing, and all the styles that somebody can choose from."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.models import User
from generation import styles
from generation.errors import FieldError, InvalidParams
from generation.models import Preset
from generation.models.preset import PRESET_NAME_MAX_LENGTH
from generation.params import PROMPT_MAX_LENGTH
from generation.styles import Style

PRESETS_MAX = 50


def styles_of(user: User) -> list[Style]:
    """Return what this person can choose from: their own by name, then those for everybody."""
    own = Preset.objects.visible_to(user).order_by("name")
    return [*map(style_of, own), *styles.BUILT_IN]


def find(user: User, key: str) -> Style | None:
    """Return the style with this key; None where there is none, or it is another's."""
    built_in = next((style for style in styles.BUILT_IN if style.key == key), None)
    if built_in:
        return built_in
    try:
        own = Preset.objects.visible_to(user).filter(pk=uuid.UUID(key)).first()
    except ValueError:
        return None
    return style_of(own) if own else None


def style_of(preset: Preset) -> Style:
    """Return a preset as a style."""
    return Style(str(preset.pk), preset.name, preset.prompt, preset.negative_prompt, preset.settings, is_own=True)


def save(user: User, values: Mapping[str, Any], *, changed: Preset | None = None) -> Preset:
    """Make a preset of `name`, `prompt`, `negative_prompt` and `settings`, or change one. Raises: InvalidParams."""
    found = changed or Preset(user=user)
    found.name = " ".join(str(values.get("name", "")).split())
    found.prompt = str(values.get("prompt", "")).strip()
    found.negative_prompt = str(values.get("negative_prompt", "")).strip()
    found.settings = dict(values.get("settings", {}))
    errors = _wrong(found)
    if changed is None and Preset.objects.visible_to(user).count() >= PRESETS_MAX:
        errors.append(
            FieldError(
                "name",
                gettext("You have %(most)s presets, which is the most. Delete one first.") % {"most": PRESETS_MAX},
            )
        )
    if errors:
        raise InvalidParams(errors)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise InvalidParams(
            [FieldError("name", gettext("You have a preset “%(name)s” already.") % {"name": found.name})]
        ) from None
    return found


def _wrong(preset: Preset) -> list[FieldError]:
    errors = []
    if not preset.name:
        errors.append(FieldError("name", gettext("Give it a name.")))
    elif len(preset.name) > PRESET_NAME_MAX_LENGTH:
        words = gettext("The name has %(length)s characters; %(most)s is the most.") % {
            "length": len(preset.name),
            "most": PRESET_NAME_MAX_LENGTH,
        }
        errors.append(FieldError("name", words))
    for field, label in (("prompt", gettext("The text")), ("negative_prompt", gettext("What is left out"))):
        text = getattr(preset, field)
        if len(text) > PROMPT_MAX_LENGTH:
            words = gettext("%(label)s has %(length)s characters; %(most)s is the most.") % {
                "label": label,
                "length": f"{len(text):,}",
                "most": f"{PROMPT_MAX_LENGTH:,}",
            }
            errors.append(FieldError(field, words))
    if any("\x00" in text for text in (preset.name, preset.prompt, preset.negative_prompt)):
        errors.append(FieldError("name", gettext("It holds a null character, which can't be stored.")))
    if not (preset.prompt or preset.negative_prompt or preset.settings):
        errors.append(FieldError("prompt", gettext("Write a text, or keep settings: this preset would do nothing.")))
    return errors
