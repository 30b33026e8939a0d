"""The form of a draft: what stands in each field, what can be chosen, what was refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from generation import custom_models, preflight, trigger_words
from generation.catalog import CatalogModel
from generation.errors import CustomModelRefused
from generation.models import CustomModel
from generation.models.custom_model import MODEL_NAME_MAX_LENGTH, TRIGGER_WORD_MAX_LENGTH

SUBJECTS = (
    (CustomModel.Subject.PERSON, gettext_lazy("Person"), "user"),
    (CustomModel.Subject.PET, gettext_lazy("Pet"), "paw-print"),
    (CustomModel.Subject.OBJECT, gettext_lazy("Object"), "box"),
    (CustomModel.Subject.STYLE, gettext_lazy("Style"), "palette"),
)


@dataclass(frozen=True)
class DraftForm:
    """What a draft's form shows. `values` are as typed."""

    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    has_consent: bool = False

    @property
    def subjects(self) -> tuple[tuple[CustomModel.Subject, str | Promise, str], ...]:
        """What a model can be of: value, name, icon."""
        return SUBJECTS

    @property
    def bases(self) -> list[CatalogModel]:
        """What can be trained, the installed ones first."""
        return preflight.trainable()

    @property
    def bounds(self) -> dict[str, int]:
        """How long the words may be."""
        return {"name": MODEL_NAME_MAX_LENGTH, "trigger_word": TRIGGER_WORD_MAX_LENGTH}

    @property
    def consent_text(self) -> str:
        """What is agreed to for pictures of people."""
        return gettext(preflight.CONSENT_TEXT)


def blank() -> DraftForm:
    """Return the form of a new model."""
    first = next((base.slug for base in preflight.trainable()), "")
    return DraftForm({"name": "", "subject_class": "object", "trigger_word": "", "base_model": first})


def shown(model: CustomModel, errors: Mapping[str, str] | None = None) -> DraftForm:
    """Return the form of a draft."""
    names = ("name", "subject_class", "trigger_word", "base_model")
    return DraftForm({name: getattr(model, name) for name in names}, errors or {}, bool(model.consented_at))


def typed(data: Mapping[str, Any]) -> DraftForm:
    """Return the form as it was sent, with what is wrong in it."""
    values = {
        "name": " ".join(str(data.get("name", "")).split()),
        "subject_class": str(data.get("subject_class", "object")),
        "trigger_word": str(data.get("trigger_word", "")).strip(),
        "base_model": str(data.get("base_model", "")),
    }
    return DraftForm(values, _wrong(values), bool(data.get("consent")))


def save(model: CustomModel, form: DraftForm) -> DraftForm:
    """Keep what is right of a form on its draft, and return the form with what is not. Raises: CustomModelGone."""
    errors = dict(form.errors)
    kept = {name: value for name, value in form.values.items() if name not in errors}
    if form.values["trigger_word"] == "":
        kept["trigger_word"] = ""
    try:
        custom_models.update_draft(model, **kept)
    except CustomModelRefused as error:
        errors[error.field] = str(error)
        custom_models.update_draft(model, **{name: kept[name] for name in kept if name != error.field})
    is_person = form.values["subject_class"] == CustomModel.Subject.PERSON
    if (is_person and form.has_consent) != bool(model.consented_at):
        custom_models.consent(model, gettext(preflight.CONSENT_TEXT) if form.has_consent and is_person else "")
    return DraftForm(form.values, errors, form.has_consent)


def _wrong(values: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if not values["name"]:
        errors["name"] = gettext("Give your model a name.")
    elif len(values["name"]) > MODEL_NAME_MAX_LENGTH:
        errors["name"] = gettext("The name has %(length)s characters; %(most)s are the most.") % {
            "length": len(values["name"]),
            "most": MODEL_NAME_MAX_LENGTH,
        }
    elif "\x00" in values["name"]:
        errors["name"] = gettext("The name holds a null character, which can't be stored.")
    if values["subject_class"] not in CustomModel.Subject.values:
        errors["subject_class"] = gettext("Choose what your pictures show.")
    if why := trigger_words.refusal(values["trigger_word"]):
        errors["trigger_word"] = why
    if values["base_model"] not in [base.slug for base in preflight.trainable() if base.is_installed]:
        errors["base_model"] = gettext("Choose one of the models that are installed here.")
    return errors
