import re

import pytest
from django.contrib.staticfiles import finders

from generation import editor, model_forms, pricing
from getimg_site.feature_guides import BY_SLUG, FEATURES
from getimg_site.feature_guides.pages import page_of
from getimg_site.feature_guides.shapes import Feature
from tests.rules import tree

every_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.slug)


def labels() -> set[str]:
    """Return what buttons, fields and headings of the studio say."""
    studio = [path for path in tree.templates() if path.parent.name in ("generation", "components")]
    marked = re.compile(r"translate \"([^\"]+)\"|translate '([^']+)'|_\(\"([^\"]+)\"\)")
    found = {text for path in studio for match in marked.findall(path.read_text()) for text in match}
    found |= {text for tool in editor.TOOLS for text in (tool.name, tool.verb)}
    found |= {words for _, _, words, _ in editor.PENS}
    return found | {str(name) for _, name, _ in model_forms.SUBJECTS}


@every_feature
def test_every_label_that_a_guide_quotes_stands_in_the_studio(feature: Feature) -> None:
    quoted = [label for label in re.findall("“([^”]+)”", page_of(feature).text) if label[0].isupper()]

    assert quoted
    assert set(quoted) <= labels(), f"Not in the studio: {sorted(set(quoted) - labels())}"


@every_feature
def test_every_guide_says_all_that_it_is_for(feature: Feature) -> None:
    page = page_of(feature)

    assert min(len(page.steps), len(page.good), len(page.troubles)) >= 2
    assert page.cost
    assert "%(" not in page.text
    written = [*feature.steps, *feature.good, feature.cost, *(one.remedy for one in feature.troubles)]
    assert not [text for text in written if re.search(r"\d+ credit", text)], "a price is asked for, never typed"
    assert all(finders.find(picture.file) for picture in feature.pictures)
    assert [line.credits for line in page.prices] or not feature.tasks


def test_a_guide_names_the_price_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_of(BY_SLUG["own-model"]).cost.startswith("A training costs 2,000 credits")
    assert [(line.credits, line.noun) for line in page_of(BY_SLUG["video"]).prices] == [(12, "video")]

    monkeypatch.setattr(pricing, "TRAINING_CREDITS", 1234)
    monkeypatch.setitem(pricing.TASK_WEIGHTS, "image-to-video", pricing.TASK_WEIGHTS["image-to-video"] / 2)
    assert page_of(BY_SLUG["own-model"]).cost.startswith("A training costs 1,234 credits")
    assert [line.credits for line in page_of(BY_SLUG["video"]).prices] == [6]


def test_a_guide_names_the_bounds_that_hold() -> None:
    assert "bring 5 to 30." in page_of(BY_SLUG["own-model"]).text
    assert "2 to 4 become one" in page_of(BY_SLUG["blend"]).text
    assert "8,192 pixels a side and 16.8 million" in page_of(BY_SLUG["extend"]).text
