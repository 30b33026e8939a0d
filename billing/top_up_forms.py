"""The form of the automatic top-ups."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext

from billing import top_ups
from billing.errors import PaymentError
from billing.models import Pack, Product, Wallet
from billing.money import amount

_MOST_CREDITS = 10_000_000
_MOST_A_MONTH = 100_000


class TopUpForm(forms.Form):
    """When to top up, by what, and how much a month at most."""

    is_on = forms.BooleanField(required=False)
    below_credits = forms.IntegerField(min_value=1, max_value=_MOST_CREDITS)
    pack = forms.ModelChoiceField(Pack.objects.none(), empty_label=None)
    # In whole units of the pack's currency.
    month_limit = forms.IntegerField(min_value=1, max_value=_MOST_A_MONTH)
    # The packs and prices that stood on the page: nobody agrees to one that they did not see.
    seen = forms.CharField(required=False)

    def __init__(self, wallet: Wallet, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.wallet = wallet
        packs = self.fields["pack"]
        assert isinstance(packs, forms.ModelChoiceField)
        packs.queryset = Pack.objects.filter(product=Product.API, is_offered=True)

    @classmethod
    def of(cls, wallet: Wallet) -> "TopUpForm":
        """Return the form as somebody left it, or with a first proposal."""
        terms = top_ups.of(wallet)
        first = Pack.objects.filter(product=Product.API, is_offered=True).first()
        if terms is None:
            initial = {"below_credits": first.credits // 5 if first else 1000, "pack": first and first.pk}
            return cls(wallet, initial={**initial, "month_limit": 50})
        month_limit = -(-terms.month_cents // 100)
        initial = {"is_on": terms.is_on, "below_credits": terms.below_credits, "pack": terms.pack_id}
        return cls(wallet, initial={**initial, "month_limit": month_limit})

    @property
    def currency(self) -> str:
        """The one that all packs are sold in; empty where they differ: the limit is in that of the pack then."""
        packs = self.fields["pack"]
        assert isinstance(packs, forms.ModelChoiceField)
        found = {pack.currency for pack in packs.queryset or ()}
        return found.pop() if len(found) == 1 else ""

    @property
    def shown(self) -> str:
        """What `seen` says on a page of this moment."""
        packs = self.fields["pack"]
        assert isinstance(packs, forms.ModelChoiceField)
        return " ".join(map(_offer, packs.queryset or ()))

    def clean(self) -> dict[str, Any]:
        """Refuse what would charge twice for one dip, or could never charge."""
        cleaned = super().clean() or self.cleaned_data
        pack, below, limit = cleaned.get("pack"), cleaned.get("below_credits"), cleaned.get("month_limit")
        if pack and below and below > pack.credits:
            least = gettext("“%(pack)s” brings %(credits)s credits, so the level can be %(credits)s at most") % {
                "pack": pack.name,
                "credits": f"{pack.credits:,}",
            }
            self.add_error(
                "below_credits",
                gettext("%(least)s, not %(below)s: one top-up has to be enough.")
                % {"least": least, "below": f"{below:,}"},
            )
        if pack and limit and limit * 100 < pack.price_cents:
            price = amount(pack.price_cents, pack.currency)
            self.add_error(
                "month_limit",
                gettext("“%(name)s” costs %(price)s, so %(limit)s a month would never be enough.")
                % {"name": pack.name, "price": price, "limit": amount(limit * 100, pack.currency)},
            )
        if pack and cleaned.get("is_on"):
            self._check_seen(pack)
        if cleaned.get("is_on") and settings.STRIPE_AUTOMATIC_TAX:
            self.add_error("is_on", gettext(top_ups.UNTAXED))
        elif cleaned.get("is_on") and not self.errors:
            self._check_card()
        return cleaned

    def save(self) -> None:
        """Write it down."""
        terms = self.cleaned_data
        top_ups.set_terms(
            self.wallet,
            terms["pack"],
            is_on=terms["is_on"],
            below_credits=terms["below_credits"],
            month_cents=terms["month_limit"] * 100,
        )

    def _check_seen(self, pack: Pack) -> None:
        if _offer(pack) not in self.cleaned_data.get("seen", "").split():
            now = gettext("%(credits)s credits for %(price)s") % {
                "credits": number_format(pack.credits, force_grouping=True),
                "price": amount(pack.price_cents, pack.currency),
            }
            words = gettext("This pack has changed: it is %(now)s now. Save again to agree.") % {"now": now}
            self.add_error("pack", words)

    def _check_card(self) -> None:
        try:
            card = top_ups.card_of(self.wallet.user)
        except PaymentError:
            self.add_error("is_on", gettext("The shop does not answer now, so we can’t see your card. Try again soon."))
            return
        if card is None:
            self.add_error(
                "is_on", gettext("There is no saved card to charge. Buy a pack once: the card you pay with is kept.")
            )


def _offer(pack: Pack) -> str:
    return f"{pack.pk}:{pack.credits}:{pack.price_cents}:{pack.currency}"
