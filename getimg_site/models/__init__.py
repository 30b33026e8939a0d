"""What people tell the operators: wishes with votes, and reports of bugs."""

from getimg_site.models.bug_report import BugReport, BugReportFile
from getimg_site.models.wish import Wish, WishVote

__all__ = ["BugReport", "BugReportFile", "Wish", "WishVote"]
