"""A LoRA that somebody brings along: checked against the model it was made for, then kept like one trained here."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext

from accounts.models import User
from generation import base_weights, catalog, custom_models, lora_checks, moderation, preflight, trigger_words
from generation.catalog import CatalogModel
from generation.errors import ContentRefused, CustomModelRefused
from generation.models import CustomModel
from generation.models.custom_model import MODEL_NAME_MAX_LENGTH

_FAMILIES = ("stable-diffusion", "stable-diffusion-xl", "flux")


@dataclass(frozen=True)
class Brought:
    """What a form says beside the file; a trigger word is not needed."""

    name: str
    base_model: str
    trigger_word: str = ""


def bases() -> list[CatalogModel]:
    """Return the models that take a LoRA, the installed ones first: those that draw from words, but for variants."""
    able = [one for one in catalog.MODELS.values() if one.family in _FAMILIES and not one.adapter]
    return sorted((one for one in able if "text-to-image" in one.tasks), key=lambda one: not one.is_installed)


def keep(owner: User, file: Path, brought: Brought) -> CustomModel:
    """Check a file and make a model of it. Raises: LoraRefused, CustomModelRefused, OSError; nothing is kept then."""
    _check_words(owner, brought)
    draft = CustomModel(base_model=brought.base_model)
    base = preflight.base_of(draft)
    if base is None or base not in bases() or not base.is_installed:
        raise CustomModelRefused(
            "base_model", gettext("Choose the model that it was made for, among those installed here.")
        )
    rank = lora_checks.check(file, base)
    facts = {"name": brought.name, "base_model": base.slug, "trigger_word": brought.trigger_word}
    facts["base_sha256"] = base_weights.checksum_of(base)
    draft = custom_models.create_draft(owner, subject_class=CustomModel.Subject.STYLE, **facts)
    try:
        weights = custom_models.keep_weights(draft, file, rank=rank)
        custom_models.bring(draft, weights)
    except BaseException:
        custom_models.delete(draft)
        raise
    draft.refresh_from_db()
    return draft


def _check_words(owner: User, brought: Brought) -> None:
    if not 0 < len(brought.name) <= MODEL_NAME_MAX_LENGTH:
        raise CustomModelRefused(
            "name",
            gettext("Give it a name of at most %(model_name_max_length)s characters.")
            % {"model_name_max_length": MODEL_NAME_MAX_LENGTH},
        )
    if "\x00" in brought.name:
        raise CustomModelRefused("name", gettext("The name holds a null character, which can’t be stored."))
    if brought.trigger_word and (why := trigger_words.refusal(brought.trigger_word)):
        raise CustomModelRefused("trigger_word", why)
    for place, text in (("name", brought.name), ("trigger_word", brought.trigger_word)):
        try:
            moderation.check_shown(owner, place, text)
        except ContentRefused as error:
            raise CustomModelRefused(place, f"{error.errors[0].message} {moderation.WHERE_TO_APPEAL}") from error
