"""The addresses that somebody had before, for the erasure: mails, reports and operators' notes may still name them."""

from allauth.account.models import EmailAddress

from accounts.models import FormerAddress, User


def note(user: User) -> None:
    """Remember the address that the database holds, where it is another than the one that is about to be saved."""
    old = User.objects.filter(pk=user.pk).values_list("email", flat=True).first()
    if old and old.lower() != user.email.lower():
        former, _ = FormerAddress.objects.get_or_create(user=user, email=old.lower())
        # allauth takes its row away only once the new address is saved.
        if EmailAddress.objects.filter(user=user, email__iexact=old, verified=True).exists():
            former.was_confirmed = True
            former.save(update_fields=["was_confirmed"])


def of(user: User) -> list[str]:
    """Return them, with those that were never confirmed; not one that is somebody else's by now."""
    found = {row.lower() for row in FormerAddress.objects.filter(user=user).values_list("email", flat=True)}
    found |= {row.lower() for row in EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    others = User.objects.filter(email__in=found).exclude(pk=user.pk).values_list("email", flat=True)
    return sorted(found - set(others) - {user.email})
