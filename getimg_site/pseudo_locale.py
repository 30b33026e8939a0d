"""A language that nobody speaks: every marked text, accented, in brackets and 40 % longer.

It shows what was not marked for translation (it reads as before) and what has no room for a longer language. With
PSEUDO_LOCALE=1 a browser sees it that has the cookie `django_language=en-xa`; it is made from the texts as they
stand in the code, so it needs no catalogue.
"""

import re

from django.utils.translation import trans_real

CODE = "en-xa"
_LONGER = 0.4
_ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "áƀčđéƒǧĥíĵķłɱńóƥʠřšŧúṽŵẋýžÁƁČĐÉƑǦĤÍĴĶŁṀŃÓƤɊŘŠŦÚṼŴẊÝŽ"
)
# What has to stay as it is: places to fill, tags, entities, addresses.
_KEPT = re.compile(r"%\(\w+\)[a-z]|%[sd%]|\{[^{}]*\}|<[^>]+>|&#?\w+;|https?://\S+")
_FILLING = "ẽẽẽẽẽẽ "


def pseudo(text: str) -> str:
    """Return a text in that language; what has no letter stays."""
    if not re.search("[A-Za-z]", _KEPT.sub("", text)):
        return text
    parts, last = [], 0
    for kept in _KEPT.finditer(text):
        parts += [text[last : kept.start()].translate(_ACCENTED), kept[0]]
        last = kept.end()
    parts.append(text[last:].translate(_ACCENTED))
    more = max(1, round(len(_KEPT.sub("", text)) * _LONGER))
    return f"⟦{''.join(parts)} {(_FILLING * more)[:more].strip()}⟧"


class PseudoTranslation:
    """What Django asks for the texts of a language."""

    language = CODE

    def gettext(self, message: str) -> str:
        """Return a text; where it has a context, that goes first and is left out."""
        return pseudo(message.rpartition(trans_real.CONTEXT_SEPARATOR)[2])

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form for a number, as English has them."""
        return self.gettext(singular if number == 1 else plural)

    def to_language(self) -> str:
        """Return the language's code."""
        return self.language


def install() -> None:
    """Let the language be activated."""
    trans_real._translations[CODE] = PseudoTranslation()  # type: ignore[attr-defined]
