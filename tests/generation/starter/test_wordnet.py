"""Other words for a noun: of its drawable meaning, nobody else's, and never a held-out one."""

from pathlib import Path

import pytest

from generation.starter.wordnet import WordNet, choose_words

# word: places of its meanings. Two animals, a kind of each, and a feeling.
_DATA = (
    ("12", "misery", ()),
    ("05", "dog domestic_dog", ("poodle",)),
    ("05", "poodle", ()),
    ("05", "cat true_cat", ("tabby", "red_tabby")),
    ("05", "tabby", ()),
    ("05", "red_tabby", ()),
    ("05", "Garfield puppy lion", ()),
)


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    places: dict[str, int] = {}
    width = 100
    for row, (_, words, _) in enumerate(_DATA):
        places[words.split()[0]] = row * (width + 1)
    lines = []
    for row, (file, words, narrower) in enumerate(_DATA):
        named = words.split()
        pointers = " ".join(f"~ {places[word]:08d} n 0000" for word in narrower)
        count = f"{len(named):02x} " + " ".join(f"{word} 0" for word in named)
        lines.append(
            f"{row * (width + 1):08d} {file} n {count} {len(narrower):03d} {pointers} | x".ljust(width)[:width]
        )
    (tmp_path / "data.noun").write_text("\n".join(lines) + "\n")
    index = f"dog n 2 0 2 0 {places['misery']:08d} {places['dog']:08d}\ncat n 1 0 1 0 {places['cat']:08d}\n"
    (tmp_path / "index.noun").write_text("  1 a licence\n" + index)
    return WordNet(tmp_path)


def test_words_are_those_of_the_meaning_that_can_be_drawn(wordnet: WordNet) -> None:
    assert wordnet.other_words("dog") == ["poodle"]  # "domestic dog" says dog again
    assert wordnet.other_words("cat") == ["tabby", "red tabby"]
    assert wordnet.other_words("unicorn") == []


def test_banned_and_unknown_words_and_other_nouns_are_left_out(wordnet: WordNet) -> None:
    known = {"poodle", "tabby", "red"}
    assert choose_words(wordnet, ["dog", "cat"], ["red"], known) == {"dog": ["poodle"], "cat": ["tabby"]}
    assert choose_words(wordnet, ["dog", "cat", "tabby"], [], known)["cat"] == ["red tabby"]
    assert choose_words(wordnet, ["dog", "cat"], [], {"tabby"})["dog"] == []
