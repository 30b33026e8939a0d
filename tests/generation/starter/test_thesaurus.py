"""Words that no caption held are read as names; what the starter knows, and what is no noun, stays as it is."""

import pytest

from generation import trigger_words
from generation.starter.loading import load_pipeline
from generation.starter.thesaurus import Thesaurus, compose, load_thesaurus, parse
from generation.starter.vocabulary import COLOURS, common_names

SMALL = Thesaurus(
    {"dog": ["puppy"], "car": ["automobile"], "glasses": ["spectacles"], "fire truck": [], "fire": ["blaze"]}
)


@pytest.mark.parametrize(
    ("prompt", "heard"),
    [
        ("a puppy", "a dog"),
        ("An automobile, red background", "a car, red background"),
        ("a happy old automobile", "a happy old car"),
        ("two puppies beside three automobiles", "two dogs beside three cars"),
        ("spectacles on a case", "glasses on a case"),
        ("(puppy:1.3) and [automobile]", "(dog:1.3) and [car]"),
        ("PUPPY", "dog"),
        ("a puppy dog", "a puppy dog"),
        ("an automobile fire", "an automobile fire"),
        ("a fire truck", "a fire truck"),
        ("zwx puppyish", "zwx puppyish"),
        ("", ""),
        ("  \n", "  \n"),
        ("ein Häuschen im Grünen", "ein Häuschen im Grünen"),
    ],
)
def test_a_prompt_is_read(prompt: str, heard: str) -> None:
    assert SMALL.read(prompt) == heard


def test_a_list_is_read_as_it_was_written() -> None:
    words = {"dog": ["hound", "puppy"], "fox": []}

    assert parse(compose(words, "a remark\nof two lines")) == words


def test_the_list_holds_no_name_and_no_colour() -> None:
    words = load_thesaurus().words

    assert len(words) > 3000
    assert not words & {*common_names(), *COLOURS}


@pytest.mark.parametrize(
    ("word", "name"),
    [("poodle", "dog"), ("limousine", "car"), ("cathode", None), ("bungalow", "house"), ("oak", "tree")],
)
def test_kinds_and_near_words_are_read_as_their_name(word: str, name: str | None) -> None:
    assert load_thesaurus().read(word) == (name or word)


@pytest.mark.parametrize("name", ["grinning face", "upside-down face", "hot face", "pink heart"])
def test_the_rarer_faces_and_hearts_stay(name: str) -> None:
    assert load_thesaurus().read(f"one {name}") == f"one {name}"


def test_the_names_themselves_stay() -> None:
    for name in common_names():
        assert load_thesaurus().read(f"a {name} on a blue background") == f"a {name} on a blue background"


def test_the_pipeline_draws_the_name() -> None:
    tokenizer = load_pipeline(verify=False).tokenizer

    assert tokenizer(["a poodle", "x"]).input_ids == tokenizer(["a dog", "x"]).input_ids
    assert tokenizer("poodles").input_ids == tokenizer("dogs").input_ids


def test_no_model_is_called_by_a_word_that_is_read_as_another() -> None:
    assert "common word" in trigger_words.refusal("affenpinscher")
