from collections.abc import Iterable
from typing import Any

import pytest

from generation.params.reader import Reader, either


@pytest.mark.parametrize(
    ("value", "items"), [("a, b", ["a", "b"]), (["a", "b"], ["a", "b"]), ("", []), (None, []), ("a", ["a"])]
)
def test_a_list_comes_as_one_or_divided_by_commas(value: Any, items: list[str]) -> None:
    assert Reader({"images": value}).listed("images") == items


@pytest.mark.parametrize(("value", "ticked"), [(True, True), ("on", True), ("true", True), ("", False), (None, False)])
def test_a_box_is_ticked_or_not(value: Any, ticked: bool) -> None:
    reader = Reader({"is_map": value})
    assert reader.flag("is_map") is ticked
    assert not reader.errors


def test_what_is_neither_a_list_a_flag_nor_a_name_is_refused() -> None:
    reader = Reader({"images": 7, "is_map": "perhaps", "mode": "wild"})
    reader.listed("images")
    reader.flag("is_map")
    assert reader.one_of("mode", "mode", "subtle", ("subtle", "strong")) == "subtle"
    assert [error.field for error in reader.errors] == ["images", "is_map", "mode"]
    assert "choose subtle or strong" in reader.errors[-1].message


@pytest.mark.parametrize(
    ("names", "words"), [(["canny"], "canny"), (["canny", "depth"], "canny or depth"), ("abc", "a, b or c")]
)
def test_a_choice_is_named_as_people_say_it(names: Iterable[str], words: str) -> None:
    assert either(names) == words
