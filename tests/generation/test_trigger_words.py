import pytest

from generation import trigger_words
from generation.common_words import common_words


@pytest.mark.parametrize("word", ["zwx", "mytoy7", "zwerg", "a1b2c3", "x" * 24])
def test_a_word_that_means_nothing_is_taken(word: str) -> None:
    assert trigger_words.refusal(word) == ""


@pytest.mark.parametrize("word", ["fox", "house", "toy", "anna", "the", "painting"])
def test_a_common_word_is_refused_with_another_that_is_taken(word: str) -> None:
    why = trigger_words.refusal(word)
    assert "is a common word" in why
    assert trigger_words.refusal(f"{word}x7") == ""


@pytest.mark.parametrize("word", ["Zwx", "zw", "zw x", "zw-x", "zwö", "123456", "x" * 25, "zwx\n", "٣٤٥a"])
def test_another_form_is_refused_with_the_form(word: str) -> None:
    assert "small letters and digits" in trigger_words.refusal(word)


def test_none_at_all_is_refused_with_an_example() -> None:
    assert "such as" in trigger_words.refusal("")


def test_the_vocabulary_has_words_and_no_pieces_of_words() -> None:
    words = common_words()
    assert len(words) > 20_000
    assert not any("#" in word for word in words)
