"""What stands above the action button and on it: the price, itemised; what is missing and when more comes."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop, ngettext

from accounts.models import User
from billing import forecast
from billing.plan_card import Overdue, overdue_of
from billing.statement import NextGrant, next_grant_of
from generation import pricing
from generation.errors import InvalidParams
from generation.forms import CreateForm
from generation.pricing import Quote, Term

# A term's words in the line, by its name.
TERM_WORDS = {
    "Model": gettext_noop("model %(factor)s ×"),
    "Tool": gettext_noop("tool %(factor)s ×"),
    "Size": gettext_noop("size %(factor)s ×"),
    "Steps": gettext_noop("steps %(factor)s ×"),
    "Length": gettext_noop("length %(factor)s ×"),
    "Factor": gettext_noop("factor %(factor)s ×"),
}


@dataclass(frozen=True)
class CreditsShown:
    """A balance, the credits that come next (None: not known yet), and what is to be said about the plan."""

    balance: int
    next_grant: NextGrant | None
    # A plan whose payment fails.
    overdue: Overdue | None = None


@dataclass(frozen=True)
class PriceTag:
    """A price beside a balance. `quote` is None while a setting is out of bounds."""

    quote: Quote | None
    credits: CreditsShown

    @property
    def missing(self) -> int:
        """Credits that are lacking; 0 when there are enough."""
        return max(0, self.quote.credits - self.credits.balance) if self.quote else 0

    @property
    def left(self) -> int:
        """What remains after the run."""
        return self.credits.balance - self.quote.credits if self.quote else self.credits.balance

    @property
    def fitting(self) -> int:
        """How many pictures with these settings the balance pays for."""
        return self.credits.balance // self.quote.credits_per_image if self.quote else 0

    @property
    def fitting_credits(self) -> int:
        """What those cost."""
        return self.fitting * self.quote.credits_per_image if self.quote else 0

    @property
    def line(self) -> str:
        """Say what a picture costs, and why when it is not plain."""
        if self.quote is None:
            return gettext("Mend the marked setting to see the price")
        price = self.quote.credits_per_image
        line = (
            ngettext("%(count)s credit a video", "%(count)s credits a video", price)
            if self.quote.noun == "video"
            else ngettext("%(count)s credit a picture", "%(count)s credits a picture", price)
        ) % {"count": number_format(price, force_grouping=True)}
        # One credit is the least there is: a small size made it no cheaper, and explains nothing.
        # Of a video the tool's weight is no surcharge: every one has it.
        found = self.quote.notable_terms if price > 1 else ()
        terms = [term for term in found if self.quote.noun == "picture" or term.name != "Tool"]
        reasons = ", ".join(map(_in_words, terms))
        return f"{line}: {reasons}" if reasons else line


def credits_of(user: User) -> CreditsShown:
    """Return what the person can spend now."""
    found = forecast.wallet_of(user)
    if found is None:
        return CreditsShown(0, None)
    wallet, known = found
    outlook = forecast.outlook_of(wallet, known)
    return CreditsShown(wallet.balance, next_grant_of(wallet, outlook), overdue_of(wallet, outlook.subscription))


def price_tag(form: CreateForm, credits: CreditsShown) -> PriceTag:
    """Price what the form says now, whether or not a prompt was typed."""
    try:
        return PriceTag(pricing.quote(form.params(require_prompt=False)), credits)
    except InvalidParams:
        return PriceTag(None, credits)


def _in_words(term: Term) -> str:
    factor = f"{float(term.factor):.2f}".rstrip("0").rstrip(".")
    return gettext(TERM_WORDS[term.name]) % {"factor": number_format(factor)}
