import pytest

from generation import styles, wildcards, word_lists
from generation.styles import BUILT_IN, Style, Text, current, put_on, take_off

OIL = Style("oil", "Oil", "oil painting of {prompt}, thick", "photo")
THICK = Style("thick", "Thick", "{prompt}, thick")
INK = Style("ink", "Ink", "ink drawing of {prompt}")
WHOLE = Style("whole", "Whole", "a whole prompt", "dark")
SETTINGS = Style("big", "Big", settings={"size": "256x256"})
ALL = [OIL, THICK, INK, WHOLE, SETTINGS]


def test_a_style_goes_around_the_prompt_and_adds_to_what_is_left_out() -> None:
    assert put_on(OIL, Text("a fox", "rain"), ALL) == Text("oil painting of a fox, thick", "rain, photo")


def test_the_style_with_most_words_is_the_one_that_is_on() -> None:
    assert current(Text("oil painting of a fox, thick", ""), ALL) == OIL
    assert current(Text("a fox, thick", ""), ALL) == THICK
    assert current(Text("a fox", ""), ALL) is None


def test_another_style_takes_the_place_of_the_first() -> None:
    text = put_on(INK, put_on(OIL, Text("a fox", "rain"), ALL), ALL)
    assert text == Text("ink drawing of a fox", "rain")


def test_a_style_put_on_twice_is_on_once() -> None:
    once = put_on(OIL, Text("a fox", ""), ALL)
    assert put_on(OIL, once, ALL) == once


def test_taken_off_the_prompt_is_as_it_was() -> None:
    assert take_off(put_on(OIL, Text("a fox", "rain"), ALL), ALL) == Text("a fox", "rain")
    assert take_off(Text("a fox", "rain"), ALL) == Text("a fox", "rain")


def test_what_was_changed_by_hand_stays() -> None:
    text = Text("oil painting of a fox, thick, at night", "photo, fog")
    assert take_off(text, ALL) == text


def test_a_text_without_a_place_takes_the_place_of_the_prompt() -> None:
    assert put_on(WHOLE, Text("a fox", "rain"), ALL) == Text("a whole prompt", "rain, dark")


def test_settings_alone_leave_the_prompt() -> None:
    assert put_on(SETTINGS, Text("a fox", ""), ALL) == Text("a fox", "")


@pytest.mark.parametrize("style", BUILT_IN, ids=lambda style: style.key)
def test_every_style_for_everybody_can_be_put_on_and_taken_off(style: Style) -> None:
    text = Text("a {red|green} fox", "rain")
    worn = put_on(style, text, BUILT_IN)
    assert current(worn, BUILT_IN) == style
    assert take_off(worn, BUILT_IN) == text
    wildcards.check(worn.prompt, word_lists.BUILT_IN)


def test_there_are_styles_for_the_starter_and_no_name_twice() -> None:
    assert len(BUILT_IN) >= 16
    assert sum(style.for_starter for style in BUILT_IN) >= 3
    assert len({style.name for style in BUILT_IN}) == len({style.key for style in BUILT_IN}) == len(BUILT_IN)


def test_a_preset_keeps_settings_by_the_forms_names_without_prompt_and_seed() -> None:
    values = {"prompt": "a fox", "seed": "7", "model": "starter", "size": "128x128", "steps": "", "num_images": "2"}
    assert styles.read_settings(values) == {"model": "starter", "size": "128x128", "num_images": "2"}
