"""A guide to a feature as it is read: in the reader's language, with the numbers that hold on this site."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext

from generation import presets, pricing, retention, word_lists
from generation.custom_models import PICTURES_MAX
from generation.engine.options import BLEND_MAX, BLEND_MIN
from generation.params.pictures import RESULT_PIXELS_MAX, RESULT_SIDE_MAX
from generation.preflight import PICTURES_MIN
from generation.price_list import Line, lines_of
from getimg_site.feature_guides.shapes import Feature, Trouble


@dataclass(frozen=True)
class Page:
    """The texts of a guide, and the prices of what it is about."""

    steps: list[str]
    good: list[str]
    troubles: list[Trouble]
    cost: str
    prices: list[Line]

    @property
    def text(self) -> str:
        """All of it, a line each, as search engines are told."""
        remedies = [f"{trouble.what} {trouble.remedy}" for trouble in self.troubles]
        return "\n".join([*self.steps, *self.good, *remedies, self.cost])


def page_of(feature: Feature) -> Page:
    """Return a guide in the reader's language."""
    known = numbers()
    return Page(
        steps=[gettext(step) % known for step in feature.steps],
        good=[gettext(one) % known for one in feature.good],
        troubles=[Trouble(gettext(one.what) % known, gettext(one.remedy) % known) for one in feature.troubles],
        cost=gettext(feature.cost) % known,
        prices=[line for task in feature.tasks for line in lines_of(task)],
    )


def numbers() -> dict[str, str]:
    """Return the numbers that guides name."""
    found = {
        "blend_min": BLEND_MIN,
        "blend_max": BLEND_MAX,
        "result_side_max": RESULT_SIDE_MAX,
        "pictures_min": PICTURES_MIN,
        "pictures_max": PICTURES_MAX,
        "training_credits": pricing.TRAINING_CREDITS,
        "presets_max": presets.PRESETS_MAX,
        "lists_max": word_lists.LISTS_MAX,
        "undo_days": retention.UNDO_DAYS,
    }
    return {name: intcomma(number) for name, number in found.items()} | {
        "result_megapixels": f"{RESULT_PIXELS_MAX / 1e6:.1f}"
    }
