"""What people tell the operators (wishes with votes, reports of bugs), what operators tell people (incidents), what
each queue cluster tells of itself, and how long workers were up.
"""

from getimg_site.models.bug_report import BugReport, BugReportFile
from getimg_site.models.cluster_report import ClusterReport
from getimg_site.models.incident import Incident
from getimg_site.models.wish import Wish, WishVote
from getimg_site.models.worker_time import WorkerTime

__all__ = ["BugReport", "BugReportFile", "ClusterReport", "Incident", "Wish", "WishVote", "WorkerTime"]
