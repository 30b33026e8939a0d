"""What an erased account leaves on the board and among the reports: its wishes, without a name."""

from accounts.models import User
from generation import storage
from getimg_site import wishes
from getimg_site.models import BugReport, BugReportPicture, Wish, WishVote


def forget(user: User) -> None:
    """Remove somebody's reports, their pictures and voices; what they wished stays as a bare title."""
    # Files first: files without a row could never be found again.
    storage.delete(*BugReportPicture.objects.filter(report__author=user).values_list("file", flat=True))
    BugReport.objects.filter(author=user).delete()
    Wish.objects.filter(author=user).update(author=None, text="")
    for vote in WishVote.objects.filter(user=user).select_related("wish"):
        wishes.withdraw(user, vote.wish)
