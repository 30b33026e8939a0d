"""Is a draft fit to be trained? Asked before anything is charged; each problem says what is wrong and what to do.

A blocking problem keeps the training from starting; the others are advice. What is found about a picture is kept on
it, so that it can be shown where the picture is.
"""

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.utils.translation import gettext, gettext_noop, ngettext
from PIL import Image as Pillow

from generation import catalog, storage, trigger_words
from generation.catalog import CatalogModel
from generation.custom_models import PICTURES_MAX
from generation.errors import CustomModelRefused, ModelUnknown
from generation.models import CustomModel, CustomModelPicture
from generation.picture_measures import Measures, crop_likeness, distance, measure
from generation.training_recipes import recipe_for

PICTURES_MIN = 5
# Below it a picture is blurred; see `picture_measures.sharpness_of`.
SHARPNESS_MIN = 0.1
# Of 64 bits: different pictures had 20 and more, the same one made smaller or saved anew at most 6.
HASH_DISTANCE_MAX = 6
# Crops of a picture fitted it with 0.95 and more, other pictures with 0.92 at most.
CROP_LIKENESS_MIN = 0.95
CONSENT_TEXT = gettext_noop(
    "I am the person in these pictures, or everybody in them is of age and has agreed that I train a model of them and "
    "make pictures with it. I will not use it to deceive or to harm anybody."
)
_CACHE_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True)
class Problem:
    """What is wrong with a picture, or with a field of the draft, and what to do; `field` is empty for a picture."""

    code: str
    message: str
    is_blocking: bool = True
    field: str = ""


def _gone() -> Problem:
    words = gettext("Its file is not in the store any more. Take it out, and bring the picture again.")
    return Problem("gone", words)


@dataclass(frozen=True)
class Report:
    """What a check found. `fields` are the draft's problems; each picture has its own."""

    pictures: list[CustomModelPicture]
    fields: list[Problem]

    @property
    def num_blocked(self) -> int:
        """How many pictures keep it from starting."""
        return sum(any(one["is_blocking"] for one in picture.problems) for picture in self.pictures)

    @property
    def by_field(self) -> dict[str, str]:
        """The first message of each field."""
        return {problem.field: problem.message for problem in reversed(self.fields)}


def check(model: CustomModel) -> Report:
    """Look at a draft and its pictures, and keep what was found on each picture. Raises: OSError."""
    pictures = list(model.pictures.select_related("upload"))
    base = base_of(model)
    side = min(base.default_size.width, base.default_size.height) if base else 512
    measured = [_measures(picture, side) for picture in pictures]
    found = _of_pictures(pictures, measured, side)
    for picture, problems in zip(pictures, found, strict=True):
        picture.problems = [asdict(problem) for problem in problems]
    CustomModelPicture.objects.bulk_update(pictures, ["problems"])
    return Report(pictures, _of_draft(model, len(pictures), base))


def confirm(report: Report, model: CustomModel) -> None:
    """Refuse a draft that is not fit, or not the one that was looked at; called behind its lock, and reads no file.

    Raises: CustomModelRefused.
    """
    current = CustomModel.objects.get(pk=model.pk)
    seen = {picture.pk: picture.caption for picture in report.pictures}
    if problems := _of_draft(current, current.pictures.count(), base_of(current)):
        raise CustomModelRefused(problems[0].field, problems[0].message)
    if seen != dict(current.pictures.values_list("pk", "caption")):
        raise CustomModelRefused(
            "form", gettext("Its pictures were changed while it was being started. Look, and press again.")
        )
    if report.num_blocked:
        raise CustomModelRefused("pictures", must_be_mended(report.num_blocked))


def must_be_mended(count: int) -> str:
    """Say that so many pictures keep a training from starting."""
    return ngettext(
        "%(count)s picture must be mended or taken out first; each says why.",
        "%(count)s pictures must be mended or taken out first; each says why.",
        count,
    ) % {"count": count}


def base_of(model: CustomModel) -> CatalogModel | None:
    """Return the catalogue's model that a draft is to change; None where it was withdrawn."""
    try:
        return catalog.find(model.base_model).model
    except ModelUnknown:
        return None


def trainable() -> list[CatalogModel]:
    """Return the models that can be trained here, the installed ones first."""
    able = [model for model in catalog.MODELS.values() if is_trainable(model)]
    return sorted(able, key=lambda model: not model.is_installed)


def is_trainable(model: CatalogModel) -> bool:
    """Whether there is a way to train it: it draws from words, and is no few-step variant of another."""
    return recipe_for(model) is not None


# --- private, in the order of their callers --------------------------------------------------------


def _measures(picture: CustomModelPicture, side: int) -> Measures | None:
    """Return a picture's measures; it is opened once, and what was measured is kept. None where its file is gone."""
    if not default_storage.exists(picture.upload.file):
        return None
    key = f"picture-measures:1:{side}:{picture.upload.sha256}"
    kept = cache.get(key)
    if kept is not None:
        return Measures.of_json(kept)
    with Pillow.open(io.BytesIO(storage.read(picture.upload.file)), formats=["PNG"]) as opened:
        measures = measure(opened, side)
    cache.set(key, measures.as_json(), _CACHE_SECONDS)
    return measures


def _of_pictures(
    pictures: Sequence[CustomModelPicture], looked: Sequence[Measures | None], side: int
) -> list[list[Problem]]:
    found = [_of_picture(one, own, side) if own else [_gone()] for one, own in zip(pictures, looked, strict=True)]
    measured = [own for own in looked if own]
    if len(measured) < len(looked):
        return found  # compared with one another once all are there
    crops = [crop_likeness(whole, list(measured)) for whole in measured]
    for place, own in enumerate(measured):
        twin = next((first for first in range(place) if _are_twins(measured[first], own)), None)
        if twin is not None:
            words = gettext(
                "Almost the same as picture %(twin_1)s. Take one of the two out: a model learns it twice as hard."
            ) % {"twin_1": twin + 1}
            found[place].append(Problem("duplicate", words))
            continue
        likes = [whole for whole in range(len(measured)) if crops[whole][place] >= CROP_LIKENESS_MIN]
        whole = next((one for one in likes if one != place and not _is_larger(crops, place, one)), None)
        if whole is not None and not _are_twins(measured[whole], own):
            words = gettext("Looks like a part of picture %(number)s. Other angles and distances teach more.") % {
                "number": whole + 1
            }
            found[place].append(Problem("similar_crop", words, is_blocking=False))
    return found


def _of_picture(picture: CustomModelPicture, measures: Measures, side: int) -> list[Problem]:
    width, height = picture.upload.width, picture.upload.height
    problems = []
    if min(width, height) < side // 2:
        words = gettext(
            "Too small: %(width)s × %(height)s pixels. Each side must have at least %(side_2)s, better %(side)s."
        ) % {"width": width, "height": height, "side_2": side // 2, "side": side}
        problems.append(Problem("too_small", words))
    elif min(width, height) < side:
        words = gettext(
            "Rather small: %(width)s × %(height)s pixels. %(side)s a side and more show the model more."
        ) % {"width": width, "height": height, "side": side}
        problems.append(Problem("small", words, is_blocking=False))
    if measures.sharpness < SHARPNESS_MIN:
        problems.append(
            Problem(
                "blurred", gettext("Blurred, or hardly anything to see: the model would learn that. Take a sharp one.")
            )
        )
    return problems


def _are_twins(one: Measures, other: Measures) -> bool:
    """Whether two pictures are the same to the eye, mirrored or not."""
    return min(distance(one.hash, other.hash), distance(one.mirrored_hash, other.hash)) <= HASH_DISTANCE_MAX


def _is_larger(crops: Sequence[Sequence[float]], place: int, other: int) -> bool:
    """Whether the other is the part, and this the whole: the better fit says which, or else the earlier place."""
    return crops[place][other] > crops[other][place]


def _of_draft(model: CustomModel, count: int, base: CatalogModel | None) -> list[Problem]:
    problems = []
    if not model.name:
        problems.append(Problem("missing_name", gettext("Give your model a name."), field="name"))
    if word := trigger_words.refusal(model.trigger_word):
        problems.append(Problem("trigger_word", word, field="trigger_word"))
    if why := _base_refusal(model.base_model, base):
        problems.append(Problem("base_model", why, field="base_model"))
    if not PICTURES_MIN <= count <= PICTURES_MAX:
        problems.append(Problem("picture_count", _count_refusal(count), field="pictures"))
    if model.subject_class == CustomModel.Subject.PERSON and not model.consented_at:
        words = gettext("Pictures of people need their consent: read the statement, and tick it if it is true.")
        problems.append(Problem("consent", words, field="consent"))
    return problems


def _base_refusal(slug: str, base: CatalogModel | None) -> str:
    if base is None:
        return gettext("The model %(slug)s is not offered any more. Choose another to start from.") % {"slug": slug}
    if not is_trainable(base):
        return gettext("%(name)s can't be trained. Choose another to start from.") % {"name": base.name}
    if not base.is_installed:
        return gettext("%(name)s is not installed here. Choose another to start from.") % {"name": base.name}
    return ""


def _count_refusal(count: int) -> str:
    words = ngettext(
        "A model learns from %(least)s to %(most)s pictures; there is one. Ten are good.",
        "A model learns from %(least)s to %(most)s pictures; there are %(count)s. Ten are good.",
        count,
    )
    if count == 0:
        words = gettext("A model learns from %(least)s to %(most)s pictures; there are none yet. Ten are good.")
    return words % {"least": PICTURES_MIN, "most": PICTURES_MAX, "count": count}
