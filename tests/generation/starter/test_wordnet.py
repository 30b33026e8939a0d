"""Meanings that can be drawn, and what they are a kind of."""

from pathlib import Path

import pytest

from generation.starter.wordnet import WordNet

# word, lexicographer's file, broader word: a feeling, and animals.
_DATA = (
    ("misery", "12", ""),
    ("animal", "05", ""),
    ("dog", "05", "animal"),
    ("guide_dog", "05", "dog"),
)
_WIDTH = 80


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    places = {word: row * (_WIDTH + 1) for row, (word, _, _) in enumerate(_DATA)}
    lines = []
    for word, file, broader in _DATA:
        pointers = f"001 @ {places[broader]:08d} n 0000" if broader else "000"
        lines.append(f"{places[word]:08d} {file} n 01 {word} 0 {pointers} | what {word} is".ljust(_WIDTH))
    (tmp_path / "data.noun").write_text("\n".join(lines) + "\n")
    index = [f"{word} n 1 0 1 0 {place:08d}" for word, place in places.items() if word != "dog"]
    index.append(f"dog n 2 0 2 0 {places['misery']:08d} {places['dog']:08d}")
    (tmp_path / "index.noun").write_text("  1 a licence\n" + "\n".join(index) + "\n")
    return WordNet(tmp_path)


def test_meanings_that_can_be_drawn(wordnet: WordNet) -> None:
    (dog,) = wordnet.drawable("dog", among=2)

    assert wordnet.synset(dog).gloss == "what dog is"
    assert wordnet.drawable("dog", among=1) == []
    assert wordnet.drawable("misery", among=3) == wordnet.drawable("unicorn", among=3) == []
    assert "guide dog" in set(wordnet.words())


def test_what_a_meaning_is_a_kind_of(wordnet: WordNet) -> None:
    guide_dog, dog, animal = (wordnet.drawable(word, among=2)[0] for word in ("guide dog", "dog", "animal"))

    assert list(wordnet.broader(guide_dog, depth=5)) == [(guide_dog, 0), (dog, 1), (animal, 2)]
    assert list(wordnet.broader(guide_dog, depth=1)) == [(guide_dog, 0), (dog, 1)]
