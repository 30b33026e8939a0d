from typing import Any

import pytest

from generation import pricing
from generation.params import parse_text_to_image

pytestmark = pytest.mark.django_db


def quote(**values: Any) -> pricing.Quote:
    return pricing.quote(parse_text_to_image({"prompt": "a red fox", **values}))


def test_defaults_cost_one_credit_an_image() -> None:
    for count in range(1, 11):
        assert quote(num_images=count).credits == count


@pytest.mark.parametrize(
    ("values", "each"),
    [
        ({"steps": 1}, 1),
        ({"steps": 25}, 1),
        ({"steps": 26}, 2),
        ({"steps": 50}, 2),
        ({"steps": 51}, 3),
        ({"steps": 100}, 4),
        ({"size": "160x128"}, 2),
        ({"size": "256x256"}, 4),
        ({"size": "256x256", "steps": 100}, 16),
        ({"size": "96x96", "steps": 44}, 1),
        ({"size": "96x96", "steps": 45}, 2),
    ],
)
def test_size_and_steps_raise_the_price_of_each_image(values: dict[str, Any], each: int) -> None:
    assert quote(**values).credits_per_image == each
    assert quote(**values, num_images=3).credits == 3 * each


def test_exact_arithmetic_never_rounds_a_whole_price_up() -> None:
    """In floating point, 3 × (1 / 3) style products can land just above a whole number and cost one more."""
    for steps in range(1, 101):
        exact = -(-(128 * 160 * steps) // (128 * 128 * 25))
        assert quote(size="128x160", steps=steps).credits_per_image == max(1, exact)


def test_terms_explain_the_price() -> None:
    terms = {term.name: float(term.factor) for term in quote(size="256x256", steps=50).notable_terms}

    assert terms == {"Size": 4.0, "Steps": 2.0}
    assert quote().notable_terms == ()
