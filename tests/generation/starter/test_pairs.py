"""A prompt is a pair when it names two things side by side and says nothing else; others are drawn as they stand."""

import pytest

from generation.starter.pairs import Pair, read_pair
from generation.starter.vocabulary import common_names, to_plural, with_article


@pytest.mark.parametrize(
    ("prompt", "left", "right"),
    [
        ("a fox and an apple", "two foxes", "two apples"),
        ("fox and apple", "two foxes", "two apples"),
        ("The Fox AND  the\nGrapes.", "two foxes", "two grapes"),
        ("a cat, a dog", "two cats", "two dogs"),
        ("a dog & a polar bear", "two dogs", "two polar bears"),
        ("a red car next to a small blue house", "two red cars", "two small blue houses"),
        ("an orange cat beside an orange", "two orange cats", "two oranges"),
        ("a sun to the left of a moon", "two suns", "two moons"),
        ("a sun to the right of a moon", "two moons", "two suns"),
        ("a picture of a puppy and a lorry", "two dogs", "two trucks"),
        ("a cat and a cat", "two cats", "two cats"),
        ("a pine tree and a christmas tree", "two pine trees", "two christmas trees"),
    ],
)
def test_two_things_stand_side_by_side(prompt: str, left: str, right: str) -> None:
    assert read_pair(prompt) == Pair(left, right)


@pytest.mark.parametrize(
    "background",
    [
        " on a light blue background", ", an orange background", ", red background", " on white",
        " on a red to dark blue gradient", " on grass", " on sand", " on water", " in the snow", " at night",
        " in the night sky",
    ],
)  # fmt: skip
def test_the_background_is_said_of_both(background: str) -> None:
    assert read_pair(f"a fox and an apple{background}") == Pair(f"two foxes{background}", f"two apples{background}")


@pytest.mark.parametrize(
    "prompt",
    [
        "", "and", "a fox", "a fox on a blue background", "two foxes", "two foxes and an apple", "foxes and apples",
        "a fox and two apples", "a fox, an apple and a car", "a fox and an apple and a car", "a fox and a",
        "black and white cat", "an orange and black cat", "a cat with a hat", "a fox without an apple",
        "a fox on grass and an apple", "a sun above a house", "a house below a sun", "a fox and an apple on a table",
        "a fox and a zwx", "a (fox:1.3) and an apple", "a fox and an apple, photograph", "Fuchs und Apfel",
    ],
)  # fmt: skip
def test_anything_else_is_no_pair(prompt: str) -> None:
    assert read_pair(prompt) is None


def test_every_name_can_stand_in_a_pair() -> None:
    for name in common_names():
        noun, plural = with_article(name), f"two {to_plural(name)}"
        assert read_pair(f"{noun} and a fox") == Pair(plural, "two foxes")
        assert read_pair(f"a fox and {noun}") == Pair("two foxes", plural)


def test_long_prompts_are_read_at_once() -> None:
    assert read_pair("a fox and " * 5000) is None
    assert read_pair("red " * 20000 + "fox and an apple") is None
