"""What people tell the operators: wishes with votes, and reports of bugs."""

from getimg_site.models.bug_report import BugReport, BugReportPicture
from getimg_site.models.wish import Wish, WishVote

__all__ = ["BugReport", "BugReportPicture", "Wish", "WishVote"]
