"""What an erased account leaves on the board and among the reports: its wishes, without a name."""

from django.db.models import Q

from accounts import former_addresses
from accounts.models import User
from generation import storage
from getimg_site import wishes
from getimg_site.models import BugReport, BugReportFile, Wish, WishVote

_NAMELESS = "A wish of an erased account"


def forget(user: User) -> None:
    """Remove somebody's reports, also those sent without logging in, and voices; of wishes a bare title stays."""
    # Files first: files without a row could never be found again.
    sent = Q(author=user)
    for address in (user.email, *former_addresses.of(user)):
        sent |= Q(email__iexact=address)
        # A title may be anything, too: one with the address in it is on the board no more.
        Wish.objects.filter(author=user, title__icontains=address).update(title=_NAMELESS, state=Wish.State.HIDDEN)
    reports = BugReport.objects.filter(sent)
    storage.delete(*BugReportFile.objects.filter(report__in=reports).values_list("file", flat=True))
    reports.delete()
    Wish.objects.filter(author=user).update(author=None, text="")
    for vote in WishVote.objects.filter(user=user).select_related("wish"):
        wishes.withdraw(user, vote.wish)
