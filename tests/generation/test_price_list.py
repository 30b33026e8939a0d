import pytest

from generation import price_list, pricing
from generation.params import parse_text_to_image

pytestmark = pytest.mark.django_db


def test_a_model_costs_on_the_list_what_its_defaults_cost() -> None:
    starter = next(line for line in price_list.lines() if line.name == "Starter")

    assert starter.credits == pricing.quote(parse_text_to_image({"prompt": "a fox"})).credits_per_image


def test_only_what_can_be_done_here_is_listed() -> None:
    names = [line.name for line in price_list.lines()]

    assert "Replace background" in names
    assert "Edit by instruction" not in names
    assert names.count("Starter") == 1


def test_an_enlargement_costs_what_its_pixels_do() -> None:
    assert [line.credits for line in price_list.lines() if line.name == "Upscale"] == [1, 4]
