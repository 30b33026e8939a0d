"""Brackets give words a weight; every text can be read."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation import word_weights
from generation.word_weights import WEIGHT_MAX, WEIGHT_MIN, Part, parse

texts = st.text(alphabet=[*"ab ()[]:.19-\\,", "é", "🦊"], max_size=60)


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("", []),
        ("a red fox", [("a red fox", 1)]),
        ("a (red:1.3) fox", [("a ", 1), ("red", 1.3), (" fox", 1)]),
        ("a (red) fox", [("a ", 1), ("red", 1.1), (" fox", 1)]),
        ("a [red] fox", [("a ", 1), ("red", 1 / 1.1), (" fox", 1)]),
        ("((red))", [("red", 1.1 * 1.1)]),
        ("(a (red:1.5) fox:0.5)", [("a ", 0.5), ("red", 0.75), (" fox", 0.5)]),
        ("(red : 1.2 )", [("red ", 1.2)]),
        ("(red:.5)", [("red", 0.5)]),
        ("((red:1.9):1.9)", [("red", WEIGHT_MAX)]),
        ("(red:-1)", [("red", WEIGHT_MIN)]),
    ],
)
def test_brackets_weigh(prompt: str, parts: list[tuple[str, float]]) -> None:
    found = parse(prompt)
    assert [part.text for part in found] == [text for text, _ in parts]
    assert [part.weight for part in found] == pytest.approx([weight for _, weight in parts])


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        (r"a fox \(red\)", "a fox (red)"),
        (r"\[a\] \\ b", r"[a] \ b"),
        (r"C:\temp", r"C:\temp"),
        ("a smile :)", "a smile :)"),
        ("a ( b", "a ( b"),
        ("12:30) b", "12:30) b"),
        ("a ] b [", "a ] b ["),
    ],
)
def test_brackets_that_are_text_stay_text(prompt: str, text: str) -> None:
    assert parse(prompt) == (Part(text),)


def test_what_was_opened_within_and_not_closed_is_text() -> None:
    assert parse("(a [b) c]") == (Part("a [b", 1.1), Part(" c]"))


def test_an_empty_bracket_leaves_nothing() -> None:
    assert parse("a () b (:1.5)") == (Part("a  b "),)


@given(texts)
def test_every_text_can_be_read(prompt: str) -> None:
    parts = parse(prompt)
    assert all(part.text and WEIGHT_MIN <= part.weight <= WEIGHT_MAX for part in parts)
    assert all(one.weight != other.weight for one, other in itertools.pairwise(parts))


@given(st.text(alphabet="ab :.19é", max_size=40))
def test_a_text_without_brackets_is_itself(text: str) -> None:
    assert "".join(part.text for part in parse(text)) == text


@given(st.text(alphabet="ab ", min_size=1), st.floats(0.05, 2).map(lambda weight: round(weight, 2)))
def test_a_written_weight_is_read(text: str, weight: float) -> None:
    assert parse(f"({text}:{weight})") == (Part(text, weight),)


def test_a_prompt_is_read_out_without_its_notation() -> None:
    assert word_weights.plain("a (red:1.3)  fox, [snow] ((night)) \\(1920\\) (owl:0)") == "a red fox, snow night (1920)"


def test_written_weights_are_found_wherever_they_stand() -> None:
    assert word_weights.numbers("(a:1.5) {(b:9)|[c]} (d) 5:7) ((e:0.2):-3)") == [1.5, 9, 0.2, -3]
