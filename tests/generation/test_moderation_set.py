"""How much of what is harmful the policy finds, plainly written and evaded, and how much of the harmless it stops.

The figures are printed by category (`pytest -s`); docs/moderation.md has them.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from generation import moderation
from generation.common_words import common_words

SET = tomllib.loads(Path(__file__).with_name("moderation_set.toml").read_text(encoding="utf-8"))
_LEET = str.maketrans("aeiost", "@31057")
_GREEK_AND_CYRILLIC = str.maketrans("aceiopsxy", "асеіорѕху")
_CAPITALS = str.maketrans("ABEHIKMNOPTXYZ", "ΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")
_SMALL_CAPITALS = str.maketrans("abcdefghijklmnopqrstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ")
_CHEROKEE = str.maketrans("acdeghikmoprstuvwz", "ꭺꮯꭰꭼꮐꮋꭵꮶꮇꮎꮲꭱꮪꭲꮜꮩꮃꮓ")


def _letters_from(first: int) -> dict[int, int]:
    """Spell the letters by the 26 characters that begin there."""
    return {97 + place: first + place for place in range(26)}


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    """Spell the long words of a prompt so; short ones, which say little, are left."""
    return lambda prompt: " ".join(change(word) if len(word) > 2 else word for word in prompt.split())


EVASIONS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "leet": _each(lambda word: word.translate(_LEET)),
    "zero width": _each("\u200b".join),
    "soft hyphens": _each("\u00ad".join),
    "look-alikes": lambda prompt: prompt.translate(_GREEK_AND_CYRILLIC),
    "Greek capitals": lambda prompt: prompt.upper().translate(_CAPITALS),
    "full width": lambda prompt: "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in prompt),
    "accents": _each(lambda word: "".join(char + "\u0301" for char in word)),
    "dots": _each(".".join),
    "spaces": lambda prompt: "  ".join(" ".join(word) for word in prompt.split()),
    "line breaks": lambda prompt: "\n\n".join("\n".join(word) for word in prompt.split()),
    "one long line of breaks": lambda prompt: "a " + "\r\n".join(prompt.replace(" ", "")),
    "small capitals": lambda prompt: prompt.translate(_SMALL_CAPITALS),
    "squares": lambda prompt: prompt.translate(_letters_from(0x1F170)),
    "circles": lambda prompt: prompt.translate(_letters_from(0x1F150)),
    "flags": lambda prompt: prompt.translate(_letters_from(0x1F1E6)),
    "turned around": _each(lambda word: f"\u202e{word[::-1]}\u202c"),
    "turned around as a whole": lambda prompt: f"\u202e{prompt[::-1]}",
    "tags": lambda prompt: prompt.translate(_letters_from(0xE0061)),
    "Cherokee": lambda prompt: prompt.translate(_CHEROKEE),
    "signs": lambda prompt: prompt.replace("n", r"|\|").replace("u", "|_|").replace("d", "|)"),
    "repeated": _each(lambda word: word[0] + word[1] * 3 + word[2:]),
    "weights": _each(lambda word: f"({word}:1.3)"),
    "hidden in a long prompt": lambda prompt: (
        f"a castle on a hill, golden hour, {prompt}, 8k, (detailed:1.2), film grain"
    ),
}


def is_stopped(prompt: str) -> bool:
    return moderation.policy().verdict(prompt)[0] == moderation.BLOCK


def share(found: int, of: int) -> float:
    return 100 * found / of


@pytest.mark.parametrize("category", SET["harmful"])
def test_what_is_harmful_is_found_plain_and_evaded(category: str) -> None:
    prompts = SET["harmful"][category]
    missed = [prompt for prompt in prompts if not is_stopped(prompt)]
    evaded = {name: sum(is_stopped(spell(prompt)) for prompt in prompts) for name, spell in EVASIONS.items()}
    all_evaded = share(sum(evaded.values()), len(prompts) * len(EVASIONS))
    print(f"\n{category}: plain {len(prompts) - len(missed)} of {len(prompts)}, evaded {all_evaded:.1f} %: {evaded}")

    assert missed == []
    assert all_evaded >= 95
    assert min(evaded.values()) >= 0.8 * len(prompts)


@pytest.mark.parametrize("topic", SET["harmless"])
def test_what_is_harmless_passes(topic: str) -> None:
    prompts = SET["harmless"][topic]
    stopped = {prompt: moderation.policy().rules.find(prompt) for prompt in prompts if is_stopped(prompt)}
    print(f"\n{topic}: {len(stopped)} of {len(prompts)} stopped")

    assert stopped == {}


def test_what_is_worded_otherwise_shows_what_lists_cannot_do() -> None:
    prompts = [prompt for worded in SET["worded"].values() for prompt in worded]
    found = sum(map(is_stopped, prompts))
    print(f"\nworded otherwise: {found} of {len(prompts)} found")
    assert found < len(prompts)  # the day this fails, the docs may say so


def test_the_words_that_the_starter_draws_pass() -> None:
    words = (settings.BASE_DIR / "generation/starter/thesaurus.txt").read_text().splitlines()
    names = [name.strip() for line in words if not line.startswith("#") for name in line.replace(":", ",").split(",")]
    stopped = [name for name in names if name and is_stopped(f"a {name}")]
    print(f"\nstarter's words: {len(stopped)} of {len(names)} stopped")
    assert stopped == []


def test_of_a_dictionary_that_nobody_tuned_for_hardly_a_word_is_stopped() -> None:
    words = sorted(common_words())
    stopped = [word for word in words if is_stopped(f"a {word}")]
    print(f"\na text encoder's words: {len(stopped)} of {len(words):,} stopped: {', '.join(stopped)}")
    assert len(words) > 20_000
    assert len(stopped) <= 25
