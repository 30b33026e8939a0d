r"""What a prompt may look like, as JSON Schema: its alternatives' braces pair.

The rules are `wildcards.py`'s; here they are said to clients and to what they generate from the description. What a
pattern can't say, which lists of words somebody has, is left to the answer. Where alternatives are nested, the patterns
are a little stricter than the rules: they take none that is empty unless words stand outside of all braces.

Two forms make them readable in one pass by every engine: a run of backslashes belongs to the character behind it, and
each level of braces is written into the one around it.
"""

from typing import Any

from generation.params import PROMPT_MAX_LENGTH
from generation.wildcards import CHOICES_MAX, DEPTH_MAX

# What `str.strip` takes away.
BLANK = r"\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# A backslash takes what follows it as it stands: `\{` is a brace and `\\{` a backslash and a brace.
_ESCAPED = r"\\+[^\\\u0000]"
_LITERAL = rf"[^\\{{}}\u0000]|{_ESCAPED}"


def _choice(depth: int) -> str:
    """Return alternatives in braces, with so many levels of them."""
    inner = f"|{_choice(depth - 1)}" if depth > 1 else ""
    return rf"\{{(?:{_LITERAL}{inner})*\}}"


_CHOICE = _choice(DEPTH_MAX)
# Of the whole text.
_FEW_CHOICES = rf"(?!(?:(?:[^\\{{\u0000]|{_ESCAPED})*\{{){{{CHOICES_MAX + 1}}})"
_PAIRED = rf"(?:{_LITERAL}|{_CHOICE})*\\*$"
_WORDS_OUTSIDE = rf"(?:[{BLANK}]|{_CHOICE})*(?:[^\\{{}}\u0000{BLANK}]|\\)"
_NO_EMPTY_ONE = rf"[{BLANK}]*\{{(?![{BLANK}]*[|}}])(?:[^\\{{|\u0000]|{_ESCAPED}|[{{|](?![{BLANK}]*[|}}]))*$"
# One without braces in it, after whatever else leaves nothing.
_FULL_ONE = rf"(?:[{BLANK}]|{_CHOICE})*\{{(?![{BLANK}]*[|}}])(?:[^\\{{}}|\u0000]|{_ESCAPED}|\|(?![{BLANK}]*[|}}]))*\}}"

# Alternatives may leave nothing of it.
TEMPLATE = f"^{_FEW_CHOICES}{_PAIRED}"
# Whatever is chosen, words are left.
PROMPT = f"^(?={_WORDS_OUTSIDE}|{_FULL_ONE}|{_NO_EMPTY_ONE}){_FEW_CHOICES}{_PAIRED}"
# Words, or nothing at all.
OPTIONAL_PROMPT = f"^(?=[{BLANK}]*$|{_WORDS_OUTSIDE}|{_FULL_ONE}|{_NO_EMPTY_ONE}){_FEW_CHOICES}{_PAIRED}"


def shape(pattern: str) -> dict[str, Any]:
    """Return the shape of a field that holds words."""
    return {
        "type": "string",
        "maxLength": PROMPT_MAX_LENGTH,
        "pattern": pattern,
        "description": r"Words; `{red|green}` is one of them a picture, `__colour__` one of a list, `\{` a brace.",
    }
