"""Guides to the features: what each is for, step by step, what makes it good, what goes wrong, what it costs.

One file a corner of the studio. Numbers come from the settings and the price list (`pages`); tests hold what is
quoted to the words of the templates. What does not belong here: what single settings do (`getimg_site.guides`).
"""

from getimg_site.feature_guides.changing import CHANGING
from getimg_site.feature_guides.editing import EDITING
from getimg_site.feature_guides.keeping import KEEPING
from getimg_site.feature_guides.shapes import Feature

FEATURES: tuple[Feature, ...] = (*EDITING, *CHANGING, *KEEPING)
BY_SLUG = {feature.slug: feature for feature in FEATURES}
