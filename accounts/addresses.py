"""E-mail addresses: which of them lead into the same mailbox, which are thrown away, and how others may see one."""

from disposable_email_domains import blocklist
from django.core.exceptions import ValidationError
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Concat, Left, Lower, Replace, StrIndex, Substr
from django.db.models.lookups import In
from django.utils.translation import gettext

# Gmail's two names; both deliver ada.l@ and adal@ into the same mailbox.
# Source: https://support.google.com/mail/answer/7436150
_GMAIL = ("gmail.com", "googlemail.com")


def mailbox() -> Case:
    """Return the expression for the mailbox that a row's `email` leads into.

    What follows a plus is left out, whoever provides it; at Gmail the dots are, too. The database computes it, so that
    it holds for every row, however that was written.
    """
    address = Lower(F("email"))
    at = StrIndex(address, Value("@"))
    name, domain = Left(address, at - Value(1)), Substr(address, at + Value(1))
    bare = Left(name, StrIndex(Concat(name, Value("+")), Value("+")) - Value(1))
    return Case(
        When(In(domain, _GMAIL), then=Concat(Replace(bare, Value("."), Value("")), Value("@gmail.com"))),
        default=Concat(bare, Value("@"), domain),
        output_field=CharField(max_length=254),
    )


def is_disposable(email: str) -> bool:
    """Return whether an address is at a provider of addresses for ten minutes, or below one's domain."""
    labels = email.rpartition("@")[2].lower().split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def refuse_in(text: str) -> None:
    """Raise ValidationError where a text that outlives an account names an address, as a reason on the ledger does."""
    if "@" in text:
        raise ValidationError(gettext("Leave addresses out: this line stays when the account is erased."))


def masked(email: str) -> str:
    """Return what others may see of an address: a…@example.com."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"
