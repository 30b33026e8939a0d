"""What people tell the operators (wishes with votes, reports of bugs), and what operators tell people (incidents)."""

from getimg_site.models.bug_report import BugReport, BugReportFile
from getimg_site.models.incident import Incident
from getimg_site.models.wish import Wish, WishVote

__all__ = ["BugReport", "BugReportFile", "Incident", "Wish", "WishVote"]
