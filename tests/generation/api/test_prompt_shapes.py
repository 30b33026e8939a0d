"""The patterns of the description say what the server takes: no prompt passes one and is refused by the other."""

import re
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generation import wildcards
from generation.api.prompt_shapes import BLANK, OPTIONAL_PROMPT, PROMPT, TEMPLATE
from generation.wildcards import CHOICES_MAX, DEPTH_MAX, TemplateError

texts = st.text(alphabet=[*"ab {}|\\", "\n", "\u2003"], max_size=24)
FULL = CHOICES_MAX * "{a}"


def is_template(text: str) -> bool:
    try:
        wildcards.check(text, {})
    except TemplateError:
        return False
    return True


def is_nested(text: str) -> bool:
    """Whether there are alternatives within alternatives, where the patterns may be stricter."""
    bare = re.sub(r"\\[{|}]", "", text)
    return re.search(r"\{[^}]*\{", bare) is not None


def fits(pattern: str, text: str) -> bool:
    return re.search(pattern, text) is not None


@given(texts)
@example(DEPTH_MAX * "{" + "a" + DEPTH_MAX * "}")
@example((DEPTH_MAX + 1) * "{" + "a" + (DEPTH_MAX + 1) * "}")
@example(r"\{a")
@example("{a\\")
@example(r"{a\}")
@example(r"{a\\}")
@example(r"{a\\\}}")
@example(FULL)
@example(FULL + "{a}")
def test_templates_are_those_whose_braces_pair(text: str) -> None:
    assert fits(TEMPLATE, text) is is_template(text)


@settings(max_examples=300)
@given(texts)
@example("{a|b}")
@example("{a|}")
@example("{a| }")
@example("{|a} fox")
@example("{a}{}")
@example(" {|a} {b|c} {}")
@example("{a {big|} fox|b}")
@example("{}")
@example("{{}}")
@example("{{a|b}|{c}}")
@example(r"{\|}")
@example("\\")
@example(FULL + "{a}")
def test_prompts_are_those_that_always_leave_words(text: str) -> None:
    is_taken = is_template(text) and not wildcards.may_be_blank(text, {})

    assert is_taken or not fits(PROMPT, text)
    assert fits(PROMPT, text) or not is_taken or is_nested(text)
    assert fits(OPTIONAL_PROMPT, text) is (fits(PROMPT, text) or not text.strip())


@pytest.mark.parametrize("pattern", [TEMPLATE, PROMPT, OPTIONAL_PROMPT])
def test_no_prompt_holds_a_null_character(pattern: str) -> None:
    assert not fits(pattern, "a\0")
    assert not fits(pattern, "{\0}a")


@pytest.mark.parametrize("pattern", [TEMPLATE, PROMPT, OPTIONAL_PROMPT])
@pytest.mark.parametrize("text", ["{" * 999, "{|" * 499, "\\" * 998 + "a", "{a|b}" * 60 + " " * 600, " {}" * 333])
def test_the_longest_prompts_are_read_at_once(pattern: str, text: str) -> None:
    """A pattern that tries every way of reading a text would not return here within anybody's patience."""
    assert not fits(pattern, text + "}")


def test_blanks_are_what_is_stripped() -> None:
    every = [chr(number) for number in range(sys.maxunicode + 1)]

    assert [one for one in every if re.match(f"[{BLANK}]", one)] == [one for one in every if not one.strip()]
