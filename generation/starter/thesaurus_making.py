"""Make the starter's list of other words: ``python -m generation.starter.thesaurus_making``.

A noun of WordNet becomes another word for the name that a sentence encoder puts very near to it, else for the nearest
name that it is a kind of ("chalet" is a house), else for a name that the encoder puts near. Rare words, which the
encoder spells ("cathode" is cat and hode to it), go by their kind alone. The words that measure the result
(``vocabulary.synonyms``) get no treatment of their own.

What belongs here: which word goes to which name. What does not: reading prompts with them (``thesaurus``).
"""

from __future__ import annotations

import argparse
import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from generation.starter.dataset import DEFAULT_CACHE, fetch_wordnet
from generation.starter.loading import known_words, load_text_encoder
from generation.starter.scenes import GROUNDS
from generation.starter.thesaurus import LIST, compose
from generation.starter.unet_training import CaptionEncoder
from generation.starter.vocabulary import COLOURS, common_names, to_plural
from generation.starter.wordnet import PERSONS, WordNet

# Cosine of the encoder's mean embeddings from which two words are taken for the same, and for akin.
SAME, AKIN = 0.70, 0.60
# How many steps up a word may be from a name; each rarer meaning of the word counts as two.
DEPTH = 4
_BATCH = 512
MEANINGS = 3
# Of names whose commonest meaning is not what the picture shows, which of those that can be drawn is.
_SHOWN = {"tiger": 1, "turtle": 1, "whale": 1, "chicken": 1, "dolphin": 1, "octopus": 1, "crown": 2, "cake": 2}
_FORM = re.compile(r"[a-z]{3,}( [a-z]{3,})?")
# What a prompt says of the picture and not of the things in it.
_OF_PICTURES = """
picture photo photograph photography emoji image background gradient left right top bottom side front back middle center
painting drawing sketch illustration render rendering portrait wallpaper art style cartoon watercolor canvas icon logo
poster sticker print cover scene view light shadow camera lens film frame print texture pattern colour color night day
face facial facing
"""
# Explanations of words that nobody should find in a list.
_UNFIT = re.compile(r"slur|offensive|disparag|derogat|obscene|vulgar|prostitut|copulat|genital|nude|slave|\bsex", re.I)
_REMARK = """Other words for the names that the starter draws, by `python -m generation.starter.thesaurus_making`.
The words are WordNet 3.1's, Copyright 2011 by Princeton University, used under the WordNet licence
(https://wordnet.princeton.edu/license-and-commercial-use)."""

logger = logging.getLogger(__name__)


def make_words(wordnet: WordNet, names: Sequence[str], encoder: CaptionEncoder) -> dict[str, list[str]]:
    """Return each name's other words, in alphabetical order."""
    homes = _homes(wordnet, names)
    said = {"coon", *names, *map(to_plural, names), *COLOURS, *" ".join(GROUNDS).split(), *_OF_PICTURES.split()}
    candidates = [word for word in wordnet.words() if _is_fit(wordnet, word, said)]
    nearest = _nearest(encoder, [word for word in candidates if word in known_words()], names)
    found: dict[str, list[str]] = {name: [] for name in names}
    for word in candidates:
        name, cosine = nearest.get(word, ("", 0.0))
        kind = None if cosine >= SAME else _is_a(wordnet, word, homes)
        if chosen := kind or (name if cosine >= AKIN else None):
            found[chosen].append(word)
    return {name: sorted(words) for name, words in found.items()}


def _homes(wordnet: WordNet, names: Iterable[str]) -> dict[int, str]:
    """Return the meaning of each name that WordNet has."""
    homes: dict[int, str] = {}
    for name in names:
        if places := wordnet.drawable(name, among=20):
            homes.setdefault(places[_SHOWN.get(name, 0)], name)
    return homes


def _is_fit(wordnet: WordNet, word: str, said: set[str]) -> bool:
    """Tell whether a word names a thing that can be drawn and says nothing that a caption says already."""
    places = wordnet.drawable(word, MEANINGS)
    if not places or not _FORM.fullmatch(word) or said & {word, *word.split()}:
        return False
    if " " in word and not set(word.split()) <= known_words():
        return False  # a Latin name
    return not any(_UNFIT.search(wordnet.synset(place).gloss) for place in places)


def _is_a(wordnet: WordNet, word: str, homes: dict[int, str]) -> str | None:
    """Return the name that a word is a kind of, by the fewest steps."""
    found: list[tuple[int, str]] = []
    for rarity, meaning in enumerate(wordnet.drawable(word, MEANINGS)):
        if wordnet.synset(meaning).file == PERSONS:
            continue  # what people are called is not what they look like
        steps = ((steps, homes[place]) for place, steps in wordnet.broader(meaning, DEPTH) if place in homes)
        if nearest := next(steps, None):
            found.append((nearest[0] + 2 * rarity, nearest[1]))
    distance, name = min(found, default=(DEPTH + 1, ""))
    return name if distance <= DEPTH else None


def _nearest(encoder: CaptionEncoder, words: Sequence[str], names: Sequence[str]) -> dict[str, tuple[str, float]]:
    """Return word → the nearest name and how near it is, by the encoder."""
    known = encoder.mean(names)
    found: dict[str, tuple[str, float]] = {}
    for start in range(0, len(words), _BATCH):
        part = words[start : start + _BATCH]
        cosines, places = (encoder.mean(part) @ known.T).max(1)
        near = zip(places.tolist(), cosines.tolist(), strict=True)
        found |= {word: (names[place], cosine) for word, (place, cosine) in zip(part, near, strict=True)}
        logger.info("%d of %d words", len(found), len(words))
    return found


def main() -> None:
    """Make the list and say how long it is."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    parser.add_argument("--out", type=Path, default=LIST)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    encoder = CaptionEncoder(*load_text_encoder())
    words = make_words(WordNet(fetch_wordnet(options.cache)), list(common_names()), encoder)
    options.out.write_text(compose(words, _REMARK), encoding="utf-8")
    print(f"{sum(map(len, words.values()))} words for {len(words)} names in {options.out}")


if __name__ == "__main__":
    main()
