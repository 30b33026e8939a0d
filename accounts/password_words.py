"""Words of this site that make no password: who guesses at accounts here tries them first.

The list stands in docs/security.md, too, and a test compares the two.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

WORDS = ("getimg", "stable", "diffusion", "midjourney", "picture", "image", "prompt", "studio", "credits", "password")
# Of what is left beside them, digits and signs apart, so many letters make a password one's own.
_OWN_LETTERS_MIN = 5


class SiteWordsValidator:
    """Refuse a password that is a word of the site's with little beside it: getimg2026!, studio-picture."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002  (Django's signature)
        """Raises: ValidationError."""
        left = password.casefold()
        words = sorted({*WORDS, settings.SITE_NAME.casefold()}, key=len, reverse=True)
        found = [word for word in words if word in left]
        for word in found:
            left = left.replace(word, " ")
        if found and sum(letter.isalpha() for letter in left) < _OWN_LETTERS_MIN:
            raise ValidationError(
                gettext("“%(word)s” is a word that everybody would try here. Add words of your own.")
                % {"word": found[0]},
                code="password_site_word",
            )

    def get_help_text(self) -> str:
        """Return what is said beside the field."""
        return gettext("Your password can’t be little more than a word of this site, such as its name.")
