"""Rows of the site as a whole.

What people tell the operators (wishes with votes, reports of bugs), what operators tell people (incidents), what each
queue cluster tells of itself, how long workers were up, and which backups were taken.
"""

from getimg_site.models.backup import Backup
from getimg_site.models.bug_report import BugReport, BugReportFile
from getimg_site.models.cluster_report import ClusterReport
from getimg_site.models.incident import Incident
from getimg_site.models.wish import Wish, WishVote
from getimg_site.models.worker_time import WorkerTime

__all__ = ["Backup", "BugReport", "BugReportFile", "ClusterReport", "Incident", "Wish", "WishVote", "WorkerTime"]
