"""A text as the rules of moderation read it: its words in every spelling that they may be meant to have.

What belongs here: look-alike letters, invisible characters, digits for letters, letters drawn apart or repeated. What
does not: which words matter (`moderation_rules`). Pure: neither database nor settings.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from confusable_homoglyphs import confusables

# 1 and ! may stand for either of two letters.
_LEET_I = str.maketrans("01345789@$!|+€£¡", "oieastbgasiiteli")
_LEET_L = str.maketrans("01345789@$!|+€£¡", "oleastbgasllteli")
_LEET = frozenset("01345789@$!|+€£¡")
# Letters with a stroke, of which no decomposition takes it off.
_STROKES = str.maketrans(dict(zip("øđłħŧıðæœ", ("o", "d", "l", "h", "t", "i", "d", "ae", "oe"), strict=True)))
# Small capitals, and letters of Cherokee that are drawn for Latin ones; Unicode's confusables have few of them.
_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqqrstuvwyz")
_CHEROKEE = str.maketrans("ᎯᏰᏨᏋᎦᎶᏂᏠᏝᏁᎧᎾᎮᎤᏒᏕᏖᏌᏬᏉᏇᎩ", "abcefghjlnoopqrstuuvwy")
# Letters that are pictures: in circles and squares, and those of which flags are made.
_PICTURED = {first + place: 97 + place for first in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)}
# Copies of ASCII that nobody sees.
_TAGS = {0xE0000 + code: code for code in range(0x20, 0x7F)}
# What shows from right to left, up to its end or the line's.
_REVERSED = re.compile("\u202e([^\u202c\u2069\r\n\u2029]*)")
_SIGNED = {r"|\/|": "m", r"|\|": "n", "|_|": "u", "|-|": "h", "|)": "d", r"\/": "v"}
_SIGNS = re.compile("|".join(map(re.escape, _SIGNED)))
_BLANK = re.compile(r"\r\n|\s")
# What is no mark and yet is not seen: Hangul fillers, the braille blank.
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
# Weights of words, (red:1.3), say nothing; neither does the s of "the kid's".
_WEIGHT = re.compile(r":\s*[-+]?\d*\.?\d+\s*(?=[)\]])")
_OWNERS = re.compile(r"['’`]s\b")
# Letters that stand alone, with one blank between them: they are one word.
_DRAWN_APART = re.compile(r"(?<!\S)[^\W_](?: [^\W_])+(?!\S)")
_APART = "\x01"
_PART = re.compile(r"[^\W_]+")
_STARRED = re.compile(r"[a-z]+[*#•·]{1,2}[a-z]+(?![*#])")
_BREAK = re.compile(r"[,;:.!?\n]\s")
_LONGEST_JOINED = 40
_JOINED_PARTS = 5


@dataclass(frozen=True, slots=True)
class Word:
    """One word: as it stands, in small letters without accents, and what else it may be read as.

    `spelled` is a run of letters that were drawn apart, beginning here: whole words are looked for inside it.
    `starred` is a word in which letters were replaced by stars.
    """

    plain: str
    readings: tuple[str, ...] = ()
    spelled: str = ""
    starred: str = ""


def words_of(text: str) -> list[Word]:
    """Return a text's words in order; where it can be read in several ways, those of each, one after the other."""
    return [word for reading in _readings_of(text) for word in _words_of_folded(reading)]


def _readings_of(text: str) -> dict[str, None]:
    """Return a text as it is and as it shows, each folded."""
    texts = [text]
    for shows_as in (_turned, _with_tags, _with_pictured, _with_signed):
        texts += [shown for one in texts if (shown := shows_as(one)) != one]
    # Where two blanks stand between some letters, they may be words or one word all the same.
    every = dict.fromkeys(text for one in texts for text in (one, " ".join(one.split())))
    return dict.fromkeys(map(fold, every))


def _turned(text: str) -> str:
    return _REVERSED.sub(lambda found: found.group(1)[::-1], text)


def _with_tags(text: str) -> str:
    return text.translate(_TAGS)


def _with_pictured(text: str) -> str:
    return text.translate(_PICTURED)


def _with_signed(text: str) -> str:
    return _SIGNS.sub(lambda found: _SIGNED[found.group()], text)


def _words_of_folded(folded: str) -> list[Word]:
    chunks = _OWNERS.sub("", _WEIGHT.sub("", folded)).split(" ")
    found: list[Word] = []
    for chunk in chunks:
        found += _words_of_chunk(chunk)
    return _with_drawn_apart(found, folded) if _has_short_words(found) else found


def fold(text: str) -> str:
    """Return a text in small Latin letters as far as it looks like them: without accents and what nobody sees."""
    if not text.isascii():
        shown = (char for char in unicodedata.normalize("NFKC", text) if _is_seen(char))
        latin = "".join(map(_look_alike, "".join(shown).translate(_CAPITALS)))
        parts = unicodedata.normalize("NFKD", latin.casefold())
        text = "".join(char for char in parts if not unicodedata.combining(char)).translate(_STROKES)
    # A line break between letters is a blank like any other.
    text = _BLANK.sub(" ", text)
    text = _DRAWN_APART.sub(lambda found: _APART + found.group().replace(" ", ""), text.casefold())
    return " ".join(text.split())


def without_repeats(word: str) -> tuple[str, ...]:
    """Return what a word with repeated letters may be meant to be: "nuuude" nude, "boooobs" boobs or bobs."""
    runs = [(letter, len(list(run))) for letter, run in itertools.groupby(word)]
    if len(runs) == len(word):
        return ()
    singled = "".join(letter for letter, _ in runs)
    if all(count <= 2 for _, count in runs):
        # Many harmless words have a letter twice; one that is short is as likely another word.
        return (singled,) if len(word) > 3 else ()
    once, twice = ("".join(letter * (count if count < 3 else most) for letter, count in runs) for most in (1, 2))
    return tuple(dict.fromkeys((once, twice, singled)))


def _is_seen(char: str) -> bool:
    return char not in _UNSEEN and (char.isspace() or unicodedata.category(char) not in {"Cf", "Cc", "Mn", "Me", "Co"})


@functools.cache
def _look_alike(char: str) -> str:
    """Return the Latin letter that a character looks like; itself where it looks like none.

    Source: Unicode's confusables (UTS #39), in the package's copy.
    """
    if char.isascii():
        return char
    if "\uab70" <= char <= "\uabbf":
        char = char.casefold()  # Cherokee, whose small letters are small capitals
    if "\u13a0" <= char <= "\u13ff" and ord(char) in _CHEROKEE:
        return char.translate(_CHEROKEE)
    base = unicodedata.normalize("NFD", char)[0]
    if base.isascii():
        return base
    for one in (char, base):
        for alike in confusables.confusables_data.get(one, ()):
            if len(alike["c"]) == 1 and alike["c"].isascii() and alike["c"].isalnum():
                # Capital iotas look like a small l as much as like an I.
                return "i" if alike["c"] == "l" and one.isupper() else str(alike["c"])
    return char


@functools.lru_cache(maxsize=4096)
def _words_of_chunk(chunk: str) -> tuple[Word, ...]:
    """Return the words of what stands between two blanks; what they say read together belongs to the first."""
    parts = _PART.findall(chunk)
    starred = _STARRED.search(chunk)
    as_leet = _leet_of(chunk)
    if chunk.startswith(_APART) or (len(parts) > 2 and all(len(part) == 1 for part in parts)):
        # "n u d e", "n.u.d.e": one word, or several of which nobody can tell where they end.
        spelled = "".join(parts)
        return (Word(spelled, _readings(spelled, as_leet), spelled=spelled.translate(_LEET_I)),)
    together = ["".join(parts)] if 1 < len(parts) <= _JOINED_PARTS and len(chunk) <= _LONGEST_JOINED else []
    if len(as_leet) > 0 and len(parts) > 1 and all(one.isalnum() for one in as_leet[:1]):
        # "g@s": one word, for its signs are letters; what it holds besides is read, too.
        return (Word("".join(parts), _readings("".join(parts), [*as_leet, *parts]), starred=_text(starred)),)
    words = []
    for place, part in enumerate(parts):
        more = [*together, *as_leet] if place == 0 else []
        words.append(Word(part, _readings(part, more), starred=_text(starred) if place == 0 else ""))
    return tuple(words)


def _text(found: re.Match[str] | None) -> str:
    return found.group() if found else ""


def _readings(word: str, more: Iterable[str]) -> tuple[str, ...]:
    """Return what else a word may be read as."""
    bare = word.strip("0123456789")
    whole = [*([bare] if bare and bare != word else []), *more]
    every = [*without_repeats(word), *whole, *itertools.chain.from_iterable(map(without_repeats, whole))]
    return tuple(dict.fromkeys(one for one in every if one != word))


def _leet_of(chunk: str) -> list[str]:
    """Return what a chunk says where its signs stand for letters; empty where they do not."""
    if _LEET.isdisjoint(chunk) or not _may_be_leet(chunk):
        return []
    found = []
    for table in (_LEET_I, _LEET_L):
        read = _PART.findall(chunk.strip("!?.,()[]{}").translate(table))
        found += read if len(read) == 1 else ["".join(read), *read]
    return found


def _may_be_leet(chunk: str) -> bool:
    """Whether signs may stand for letters in it: in bare numbers they do not."""
    return any(char.isalpha() for char in chunk)


def _has_short_words(words: list[Word]) -> bool:
    return any(len(word.plain) == 1 for word in words)


def _with_drawn_apart(words: list[Word], folded: str) -> list[Word]:
    """Return the words with what single letters among them spell: "n u d e", "s e xy", "p orn"."""
    texts = [word.plain for word in words]
    ends = _sentence_ends(folded)
    found = list(words)
    strays = [place for place, text in enumerate(texts) if len(text) == 1 and text not in "aio"]
    for start in sorted({near for place in strays for near in range(max(0, place - 4), place + 1)}):
        joined = tuple(_joined_from(texts, start, ends))
        spelled = _spelled_from(texts, start)
        if joined or spelled:
            word = words[start]
            found[start] = Word(word.plain, (*word.readings, *joined), spelled, word.starred)
    return found


def _spelled_from(texts: list[str], start: int) -> str:
    """Return the letters that stand alone from here on, three at least, where none stands before them."""
    if start and len(texts[start - 1]) == 1:
        return ""
    letters = "".join(itertools.takewhile(lambda text: len(text) == 1, texts[start:]))
    return letters.translate(_LEET_I) if len(letters) > 2 else ""


def _joined_from(texts: list[str], start: int, ends: frozenset[int]) -> Iterator[str]:
    """Yield what some short words in a row read together as, where one of them is a letter that is no word."""
    joined, has_letter = texts[start], _is_stray(texts[start])
    for place in range(start + 1, min(start + 5, len(texts))):
        if place - 1 in ends or len(texts[place - 1]) > 4 or len(texts[place]) > 5:
            return
        joined += texts[place]
        has_letter = has_letter or _is_stray(texts[place])
        if has_letter and len(joined) > 2:
            yield joined


def _is_stray(text: str) -> bool:
    return len(text) == 1 and text.isalpha() and text not in "aio"


def _sentence_ends(folded: str) -> frozenset[int]:
    """Return the places of the words after which a comma or the like stands."""
    ends, seen, last = set(), 0, 0
    for found in _BREAK.finditer(folded):
        seen += len(_PART.findall(folded, last, found.start()))
        last = found.start()
        ends.add(seen - 1)
    return frozenset(ends)
