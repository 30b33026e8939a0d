"""The create form: what stands in each field, what can be chosen, what was refused.

The bounds themselves are `params.py`'s; this file only carries what was typed back to the page.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from accounts.models import User
from generation import catalog, own_models, params, training_recipes
from generation.catalog import CatalogModel, Served, Size
from generation.errors import FieldError, ModelUnknown
from generation.models import CustomModel, Image, Job
from generation.own_models import OwnModel, OwnModels
from generation.params import TextToImageParams

FIELDS = (
    "prompt",
    "negative_prompt",
    "model",
    "size",
    "num_images",
    "steps",
    "guidance_scale",
    "scheduler",
    "seed",
    "loras",
)
_ADVANCED = frozenset({"negative_prompt", "steps", "guidance_scale", "scheduler", "seed"})
# The side of the square that a size's little frame is drawn in.
_FRAME_SIDE = 20
# Sides beyond this are refused by every model; they need no choice of their own.
_OWN_SIZE_MAX = 99_999


@dataclass(frozen=True)
class SizeChoice:
    """An aspect ratio to choose, with the pixels of the little frame that shows it."""

    size: Size
    is_chosen: bool

    @property
    def frame(self) -> tuple[int, int]:
        """Width and height of the frame."""
        longest = max(self.size.width, self.size.height)
        return round(_FRAME_SIDE * self.size.width / longest), round(_FRAME_SIDE * self.size.height / longest)


@dataclass(frozen=True)
class CreateForm:
    """What the form shows. `values` are as typed; `key` names this form, so that it makes one run."""

    values: dict[str, str]
    served: Served
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    errors: dict[str, str] = field(default_factory=dict)
    # Where something can be done about an error, by the same names.
    links: dict[str, str] = field(default_factory=dict)
    is_advanced_open: bool = False
    is_prefilled: bool = False
    user: User | None = None
    # The person's own models, whatever they were made for.
    usable: OwnModels = field(default_factory=OwnModels)

    @property
    def model(self) -> CatalogModel:
        """The model whose settings are shown."""
        return self.served.model

    @cached_property
    def choices(self) -> list[Served]:
        """All that can be chosen or is at least shown; looked up for a page, not for a run."""
        return catalog.offered(TextToImageParams.task)

    @property
    def installed(self) -> list[Served]:
        """Models that can be used."""
        return [served for served in self.choices if served.model.is_available]

    @property
    def resting(self) -> list[Served]:
        """Models that an operator has turned off."""
        return [served for served in self.choices if served.model.is_installed and served.model.off_reason]

    @property
    def missing(self) -> list[Served]:
        """Models whose files are not here."""
        return [served for served in self.choices if not served.model.is_installed]

    @property
    def sizes(self) -> list[SizeChoice]:
        """The model's aspect ratios; a size of one's own is kept as one more."""
        chosen = self.values["size"]
        sizes = list(self.model.sizes)
        if chosen not in {size.value for size in sizes}:
            own = _own_size(chosen)
            sizes += [own] if own else []
        return [SizeChoice(size, size.value == chosen) for size in sizes]

    @property
    def schedulers(self) -> list[tuple[str, str]]:
        """The model's schedulers: value and name."""
        return [(slug, params.SCHEDULER_NAMES.get(slug, slug)) for slug in self.model.schedulers]

    @cached_property
    def own_models(self) -> list[OwnModel]:
        """The person's own models that fit the model, as they are chosen."""
        return own_models.choices(self.usable.all, self.values["loras"], self.model.slug)

    @property
    def has_other_own_models(self) -> bool:
        """Whether the person has models of their own, but for other models than this one."""
        return bool(self.usable.all) and not self.own_models

    @property
    def is_plain(self) -> bool:
        """Whether a run changes nothing in the form but its key: no message goes, and no choice that was there once.

        The form says so in a hidden field, so that the answer to a press need not bring all of it again.
        """
        values, is_own_size = self.values, self.values["size"] not in {size.value for size in self.model.sizes}
        is_left = is_own_size or values["loras"] or (values["negative_prompt"] and not self.model.negative_prompt)
        return not (self.errors or self.is_prefilled or is_left)

    @property
    def counts(self) -> list[str]:
        """How many pictures a run can have."""
        return [str(number) for number in range(1, params.NUM_IMAGES_MAX + 1)]

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds that inputs show."""
        return {
            "prompt": params.PROMPT_MAX_LENGTH,
            "steps_min": params.STEPS_MIN,
            "guidance_min": params.GUIDANCE_MIN,
            "guidance_max": params.GUIDANCE_MAX,
            "seed_max": params.SEED_MAX,
        }

    def params(self, *, require_prompt: bool = True) -> TextToImageParams:
        """Return what is to be drawn. Raises: InvalidParams."""
        return params.parse_text_to_image(self.values, self.user, require_prompt=require_prompt)

    def refused(self, errors: list[FieldError]) -> "CreateForm":
        """Return the form with a message beside each refused field, and the fold open where one lies in it."""
        messages: dict[str, str] = {}
        for error in errors:
            # Width and height have one control.
            name = "size" if error.field in {"width", "height"} else error.field
            messages.setdefault(name, error.message)
        is_open = self.is_advanced_open or not _ADVANCED.isdisjoint(messages)
        links = {error.field: error.link for error in errors if error.link}
        return replace(self, errors=messages, links=links, is_advanced_open=is_open)

    def for_model(self, before: str) -> "CreateForm":
        """Return the form for the chosen model: what it can't take becomes its default.

        before: slug of the model whose settings were shown. What stood at that model's default moves to the
        new one's; what was set by hand stays where the new model allows it.
        """
        old, new = _find(before).model, self.model
        fresh = _defaults(self.served)
        values = dict(self.values)
        for name, was, allowed in (
            ("steps", str(old.default_steps), _is_within(values["steps"], params.STEPS_MIN, new.max_steps)),
            ("guidance_scale", f"{old.default_guidance:g}", True),
            ("scheduler", old.schedulers[0], values["scheduler"] in new.schedulers),
        ):
            if not allowed or values[name] == was:
                values[name] = fresh[name]
        values["size"] = _same_shape(old, new, values["size"])
        return _with_usable_loras(replace(self, values=values))


def blank(last: Job | None = None, *, user: User | None = None, is_advanced_open: bool = False) -> CreateForm:
    """Return an empty form, set as the last run was: whoever comes back goes on."""
    values = _of_params(last.params) if last else {}
    values |= {"prompt": "", "negative_prompt": "", "seed": ""}
    return _with_usable_loras(_build(values, is_advanced_open, user, OwnModels(user)))


def typed(data: Mapping[str, Any], *, user: User | None = None, is_advanced_open: bool = False) -> CreateForm:
    """Return the form as it was sent, with its key."""
    values = {name: str(data.get(name, "")) for name in FIELDS if name in data}
    form = _build({**values, "loras": own_models.text_of(data)}, is_advanced_open, user, OwnModels(user))
    key = str(data.get("key", ""))[:64]
    return replace(form, key=key) if key else form


def stays(form: CreateForm, data: QueryDict) -> bool:
    """Whether the form that was sent can stay on the page as it is: it was plain, and all of it was sent as it stands.

    "Generate 3 instead" sends a second number of pictures; another model's settings may still be on their way.
    """
    is_whole = len(data.getlist("num_images")) < 2 and data.get("shown_model") == form.served.slug
    return "is_plain" in data and is_whole and form.is_plain


def taken(base: CreateForm, source: Image | Job, take: str) -> CreateForm:
    """Return the form with a picture's seed, prompt or everything; of a run everything but its seed."""
    if isinstance(source, Image):
        recipe = _of_params({**source.recipe, "num_images": None})
    else:
        recipe = _of_params({**source.params, "seed": None})
    names = {"seed": {"seed"}, "prompt": {"prompt", "negative_prompt"}}.get(take, set(FIELDS))
    values = {**base.values, **{name: recipe[name] for name in names if name in recipe}}
    form = _with_usable_loras(_rebuild(base, values, base.is_advanced_open))
    # A seed alone comes to whatever prompt is being written.
    return replace(form, is_prefilled="prompt" in names, is_advanced_open=form.is_advanced_open or take == "seed")


def with_values(form: CreateForm, chosen: Mapping[str, str]) -> CreateForm:
    """Return the form with a prompt, and settings to try it with, that were chosen or typed elsewhere."""
    values = {name: chosen[name] for name in ("prompt", *_ADVANCED, "model") if chosen.get(name)}
    if not values:
        return form
    is_open = form.is_advanced_open or not _ADVANCED.isdisjoint(values)
    filled = _with_usable_loras(_rebuild(form, {**form.values, **values}, is_open))
    return replace(filled, is_prefilled=True)


def with_own_model(form: CreateForm, model: CustomModel) -> CreateForm:
    """Return the form set to draw with a model of one's own, its word in the prompt."""
    word = model.trigger_word
    words = word if model.is_uploaded else training_recipes.subject_prompt(model.subject_class, word)
    values = {**form.values, "model": model.base_model, "loras": f"{model.pk}:1", "prompt": words}
    chosen = _rebuild(form, values, form.is_advanced_open).for_model(before=form.served.slug)
    if own_models.is_base_here(model):
        return replace(chosen, is_prefilled=True)
    words = gettext("“%(name)s” was made for %(base)s, which is not offered here now, and cannot draw without it.")
    errors = {**chosen.errors, "loras": words % {"name": model.name, "base": model.base_model}}
    return replace(chosen, is_prefilled=True, errors=errors)


def fresh(form: CreateForm) -> CreateForm:
    """Return the form with a new key: the next press of the button is another run."""
    return replace(form, key=uuid.uuid4().hex)


def _rebuild(form: CreateForm, values: Mapping[str, str], is_advanced_open: bool) -> CreateForm:
    """Return a form of the same person with these values, without a message."""
    return _build(values, is_advanced_open, form.user, form.usable)


def _build(values: Mapping[str, str], is_advanced_open: bool, user: User | None, usable: OwnModels) -> CreateForm:
    served = _find(values.get("model", ""))
    complete = {**_defaults(served), "loras": "", **values}
    return CreateForm(complete, served, is_advanced_open=is_advanced_open, user=user, usable=usable)


def _with_usable_loras(form: CreateForm) -> CreateForm:
    """Return the form without models of one's own that are gone, or made for another model than the chosen one."""
    if not form.values["loras"]:
        return form
    return replace(form, values={**form.values, "loras": own_models.fitting(form.values["loras"], form.own_models)})


def _find(slug: str) -> Served:
    """Return who serves `slug`; the default model for names that nobody has, or that do not draw from words."""
    try:
        served = catalog.find(slug or catalog.DEFAULT_SLUG)
    except ModelUnknown:
        return catalog.find(catalog.DEFAULT_SLUG)
    return served if catalog.can(served.model, TextToImageParams.task) else catalog.find(catalog.DEFAULT_SLUG)


def _defaults(served: Served) -> dict[str, str]:
    found = params.defaults(served.model, served.slug)
    return {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in found.items()}


def _of_params(stored: Mapping[str, Any]) -> dict[str, str]:
    """Return a run's stored settings under the form's names; of a tool's run, such as an upscaling, its words."""
    model = catalog.MODELS.get(str(stored.get("model")))
    if model and not catalog.can(model, TextToImageParams.task):
        stored = {"prompt": stored.get("prompt", "")}
    values = {
        "prompt": stored.get("prompt", ""),
        "negative_prompt": stored.get("negative_prompt", ""),
        "model": stored.get("model"),
        "size": f"{stored['width']}x{stored['height']}" if "width" in stored else None,
        "num_images": stored.get("num_images"),
        "steps": stored.get("num_inference_steps"),
        "guidance_scale": stored.get("guidance_scale"),
        "scheduler": stored.get("scheduler"),
        "seed": stored.get("seed"),
        "loras": own_models.text_of_run(stored),
    }
    return {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _own_size(value: str) -> Size | None:
    width, _, height = value.partition("x")
    if not (_is_within(width, 1, _OWN_SIZE_MAX) and _is_within(height, 1, _OWN_SIZE_MAX)):
        return None
    return Size("Own", int(width), int(height))


def _same_shape(old: CatalogModel, new: CatalogModel, value: str) -> str:
    """Return the new model's size that has the label of the old one's."""
    if value in {size.value for size in new.sizes}:
        return value
    label = next((size.label for size in old.sizes if size.value == value), "")
    return next((size.value for size in new.sizes if size.label == label), new.default_size.value)


def _is_within(text: str, low: int, high: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high
