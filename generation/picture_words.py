"""Each picture's own words: the alternatives and lists of a run's prompts, chosen by the picture's seed.

Done once, when a run is ordered, and kept on it: a list that is changed later changes no picture that was ordered.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from accounts.models import User
from generation import wildcards, word_lists, word_weights
from generation.catalog import CatalogModel
from generation.errors import FieldError, InvalidParams
from generation.params import SEED_MAX
from generation.wildcards import Lists, TemplateError

# Of every run's settings; a task that has no words has neither.
_FIELDS = ("prompt", "negative_prompt")

Words = list[list[str]]


def words_for(user: User, settings: Mapping[str, Any], model: CatalogModel) -> Words:
    """Return prompt and negative prompt of each picture; empty where they are the run's own for all of them.

    `settings` are a run's, its seed drawn. Raises: as `check`.
    """
    templates = _templates(settings)
    lists = check(user, settings, model)
    if not any(map(wildcards.is_template, templates.values())):
        return []
    seeds = [seed_at(settings["seed"], index) for index in range(settings["num_images"])]
    return [_spoken(templates, lists, seed) for seed in seeds]


def check(user: User, settings: Mapping[str, Any], model: CatalogModel) -> Lists:
    """Return the lists that a run's words are chosen from.

    Raises: InvalidParams where a template or a weight is out of bounds, or a picture could be left without words.
    """
    errors: list[FieldError] = []
    lists: Lists = {}
    for field, template in _templates(settings).items():
        try:
            lists = lists or (word_lists.lists_for(user) if wildcards.names(template) else {})
            wildcards.check(template, lists)
        except TemplateError as error:
            errors.append(FieldError(field, str(error)))
        else:
            errors += _missing_words(field, template, lists)
        errors += _wrong_weights(field, template, model)
    if errors:
        raise InvalidParams(errors)
    return lists


def seed_at(first: int, index: int) -> int:
    """Return the seed of the picture at `index`: the run's first seed, counted up."""
    return (int(first) + index) % (SEED_MAX + 1)


def _templates(settings: Mapping[str, Any]) -> dict[str, str]:
    return {field: str(settings.get(field) or "") for field in _FIELDS}


def _spoken(templates: Mapping[str, str], lists: Lists, seed: int) -> list[str]:
    return [wildcards.resolve(template, lists, seed, salt=field).strip() for field, template in templates.items()]


def _missing_words(field: str, template: str, lists: Lists) -> list[FieldError]:
    """Refuse what would leave a picture without words, whatever seed it has: luck decides nothing."""
    if field != "prompt" or not template or not wildcards.may_be_blank(template, lists):
        return []
    words = gettext(
        "One of its alternatives is empty, so that a picture would have no words. Add some outside the braces."
    )
    return [FieldError(field, words)]


def _wrong_weights(field: str, template: str, model: CatalogModel) -> list[FieldError]:
    if not model.takes_weights:
        return []
    low, high = word_weights.WEIGHT_MIN, word_weights.WEIGHT_MAX
    wrong = [number for number in word_weights.numbers(template) if not low <= number <= high]
    words = gettext(
        "The weight {:g} is outside the bounds: weights go from %(low)s to %(high)s. Write \\( for a bracket."
    ) % {"low": f"{low:g}", "high": f"{high:g}"}
    return [FieldError(field, words.format(number)) for number in wrong[:1]]
