"""Words go to the name they are a kind of or near to; what captions say of pictures, and rare near misses, to none."""

from pathlib import Path

import pytest

from generation.starter.loading import load_text_encoder
from generation.starter.thesaurus_making import make_words
from generation.starter.unet_training import CaptionEncoder
from generation.starter.wordnet import WordNet

# word, lexicographer's file, broader word, explanation
_DATA = (
    ("animal", "03", "", "a living thing"),
    ("dog", "05", "animal", "a canid"),
    ("cat", "05", "animal", "a feline"),
    ("affenpinscher", "05", "dog", "a small breed"),
    ("puppy", "05", "animal", "a young one"),
    ("kitten", "05", "animal", "a young one"),
    ("cathode", "06", "", "an electrode"),
    ("photo", "06", "", "a picture"),
    ("hound", "05", "dog", "offensive term"),
    ("red", "05", "dog", "a colour by name"),
)
_WIDTH = 90


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    places = {word: row * (_WIDTH + 1) for row, (word, *_) in enumerate(_DATA)}
    lines = []
    for word, file, broader, gloss in _DATA:
        pointers = f"001 @ {places[broader]:08d} n 0000" if broader else "000"
        lines.append(f"{places[word]:08d} {file} n 01 {word} 0 {pointers} | {gloss}".ljust(_WIDTH))
    (tmp_path / "data.noun").write_text("\n".join(lines) + "\n")
    index = [f"{word} n 1 0 1 0 {place:08d}" for word, place in places.items()]
    (tmp_path / "index.noun").write_text("\n".join(index) + "\n")
    return WordNet(tmp_path)


def test_words_go_by_kind_and_by_nearness(wordnet: WordNet) -> None:
    found = make_words(wordnet, ["dog", "cat"], CaptionEncoder(*load_text_encoder()))

    assert found == {"dog": ["affenpinscher", "puppy"], "cat": ["kitten"]}
