"""What the scripts say: their words, to be translated; a page brings the table where its language is not English.

The keys are the words as `static/js` has them in `t("…")` and `tn("…", "…")`; a test compares the two.
"""

from collections.abc import Callable

from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_noop as _

WORDS = (
    _("A picture is ready"),
    _("A picture was added: read the statement about consent again, and tick it if it is true of all."),
    _("Add a picture to blend it with."),
    _("Beginning"),
    _("Brought"),
    _("Choose a picture"),
    _("Copied: {what}"),
    _("Done again"),
    _("Drag the frame out over an edge, or say how many pixels."),
    _("Drag, or press ← and →."),
    _("Earlier prompt {number}: {prompt}"),
    _("Earlier prompts can't be reached just now."),
    _("Ended; see what it says beside the picture"),
    _("Ended; see what it says there"),
    _("Everything found"),
    _("Hide {version}"),
    _("Improved. Your own words are one step back."),
    _("It could not be added. Load the page anew and try again."),
    _("It could not be taken. Try again."),
    _("No answer came. It may have been done all the same: look before you try again."),
    _("No price yet: {why}"),
    _("Not sent: the connection is lost. Please try again."),
    _("Nothing was confirmed. Try again, and answer what your device asks."),
    _("Notices are allowed in this browser."),
    _("On its way …"),
    _("On its way"),
    _("PNG, JPEG and WebP pictures can be edited; this is not one."),
    _("Passkeys work on this site's own address over HTTPS only."),
    _("Point at the picture, or hold Space, to see the second."),
    _("Press a picture to open it."),
    _("Ready"),
    _("Sending …"),
    _("Sent"),
    _("Show {version}"),
    _("Take picture {number} out"),
    _("That can't be reached just now. Your prompt stays as it is."),
    _("That did not arrive. Try again in a moment."),
    _("That did not work. Please try again."),
    _("That did not work. Try again, or use another way."),
    _("That style can't be reached just now."),
    _("The API could not be reached: {why}"),
    _("The answer was lost on its way. Press again: the same press never makes two."),
    _("The connection was lost before it had arrived. Bring it again."),
    _("The connection was lost before the picture had arrived. Try again."),
    _("The mask is too large for this browser. Take a smaller picture."),
    _("The model’s own, {number}"),
    _("The pasted picture"),
    _("The picture could not be loaded. It may have been deleted."),
    _("The picture could not be taken. Try again."),
    _("The prompt is being improved."),
    _("This browser has no notices."),
    _("This browser has no room to keep your work: a reload would lose what you painted and set."),
    _("This browser refuses notices from this site. Allow them in its settings for this site."),
    _("This browser was not asked yet. Untick a box and tick it again to allow notices here."),
    _("This costs nothing: the key is a test key."),
    _("This costs {credits}."),
    _("This device cannot do that. Use another one, or leave “without a password” off."),
    _("This device or key is here already."),
    _("This page is out of date. Reload it and try again."),
    _("Type a key to see the price. A test key costs nothing."),
    _("Undone"),
    _("Uploading {name} …"),
    _("Weight of picture {number}"),
    _("What you wrote last"),
    _("Why, and how to appeal"),
    _("You have {balance}, this costs {price}."),
    _("You went on writing, so your words stay."),
    _("Your run failed"),
    _("Your run is done"),
    _("Your training failed"),
    _("Your training is done"),
    _("Your video is ready"),
    _("is not a PNG, JPEG or WebP picture."),
    _("{name} is on its way"),
    _("{number}, the model’s own"),
)

# What is counted, by the form of one, as scripts have it in `tn("…", "…")`.
COUNTED: dict[str, Callable[[int], str]] = {
    "{count} API credit": lambda number: ngettext("{count} API credit", "{count} API credits", number),
    "{count} credit": lambda number: ngettext("{count} credit", "{count} credits", number),
    "{count} left after": lambda number: ngettext("{count} left after", "{count} left after", number),
    "{count} selected": lambda number: ngettext("{count} selected", "{count} selected", number),
}
# A rule of gettext looks at a number itself where it is small, and at its last two digits.
_NUMBERS = range(200)


def table() -> SafeString | str:
    """Return the table for the page, as a script of data; empty in English, whose words the scripts have."""
    if (get_language() or "en") in ("en", "en-us", "en-gb"):
        return ""
    counted = {one: forms_of(form) for one, form in COUNTED.items()}
    return json_script({words: gettext(words) for words in WORDS} | counted, "script-words")


def forms_of(form: Callable[[int], str]) -> dict[str, list[str] | str]:
    """Return the forms of something counted in the reader's language, and which of them each of 0 to 199 takes."""
    said = [form(number) for number in _NUMBERS]
    forms = list(dict.fromkeys(said))
    return {"forms": forms, "of": "".join(str(forms.index(words)) for words in said)}
