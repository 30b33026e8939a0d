"""The pages of rules: which there are, and what they are told to say.

Their texts are templates in templates/legal/, for the operator to edit. They come with the studio and describe what it
does; who runs it answers for them, so each says that it is a template until `LEGAL_REVIEWED` is set.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Page:
    """One page of rules."""

    slug: str
    title: str
    about: str

    @property
    def template(self) -> str:
        """Its template."""
        return f"legal/{self.slug}.html"


PAGES = (
    Page("terms", _("Terms of service"), _("What you may expect of the studio, and what the studio expects of you.")),
    Page("privacy", _("Privacy"), _("What the studio keeps about you, why, for how long, and how it goes away.")),
    Page(
        "content-policy",
        _("Content policy"),
        _("What may not be made or shown here, how that is checked, and how to appeal."),
    ),
    Page("refunds", _("Refunds"), _("When credits and money come back.")),
    Page("licence", _("Licence of pictures"), _("What you may do with what you make here.")),
)
BY_SLUG = {page.slug: page for page in PAGES}
