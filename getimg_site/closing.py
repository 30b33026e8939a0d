"""What an erased account leaves on the board and among the reports: its wishes, without a name."""

from accounts.models import User
from generation import storage
from getimg_site import wishes
from getimg_site.models import BugReport, BugReportPicture, Wish, WishVote

_NAMELESS = "A wish of an erased account"


def forget(user: User) -> None:
    """Remove somebody's reports, their pictures and voices; what they wished stays as a bare title."""
    # Files first: files without a row could never be found again.
    storage.delete(*BugReportPicture.objects.filter(report__author=user).values_list("file", flat=True))
    BugReport.objects.filter(author=user).delete()
    # A title may be anything, too: one with the address in it is on the board no more.
    Wish.objects.filter(author=user, title__icontains=user.email).update(title=_NAMELESS, state=Wish.State.HIDDEN)
    Wish.objects.filter(author=user).update(author=None, text="")
    for vote in WishVote.objects.filter(user=user).select_related("wish"):
        wishes.withdraw(user, vote.wish)
