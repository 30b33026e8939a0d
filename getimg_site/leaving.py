"""What an export holds of the board and of reports, and what no export holds, with the reason.

A test walks the schema: every table with rows of a person's is read by an export, or stands here.
"""

from pathlib import PurePath
from typing import Any

from accounts.models import User
from generation.export_file import Zipped
from getimg_site.models import BugReport, BugReportFile, Wish, WishVote

_CHUNK = 200

NOT_EXPORTED = {
    "account.EmailConfirmation": "a secret of a mail that was sent; the address is in profile.json",
    "accounts.ApiAccount": "when a low balance was last told of; the balance is in profile.json",
    "accounts.TestAllowance": "a counter of one day; what was made is in runs.json",
    "admin.LogEntry": "the framework's own log of operators, which the studio does not write",
    "billing.CreditHold": "prices set aside; what became of each is in credits-*.csv",
    "billing.CreditLot": "what credits were left of which grant; each grant and expiry is in credits-*.csv",
    "billing.Customer": "the payment provider's name for the person, of no use elsewhere",
    "billing.LowCredits": "when a low balance was last told of; the balance is in profile.json",
    "billing.ReferralReward": "its credits are lines of credits-*.csv",
    "billing.TopUp": "each is a payment in profile.json, or was never paid",
    "generation.Erasure": "the account is being erased: nothing is exported any more",
    "generation.ExpiryMail": "when a warning was last sent; the date that each picture goes is its own",
    "generation.Export": "the export itself",
    "generation.FailedAttempt": "where in the program a run failed, for operators; its end is in runs.json",
    "generation.JobInput": "what a run began from stands in its settings and in manifests/",
    "generation.JobLora": "the models of a run stand in its settings",
    "generation.Reproduction": "how much a picture differed when it was drawn again; asking again tells it",
    "generation.SearchText": "an index over words that are in recipes/",
    "generation.WebhookAttempt": "how a delivery went, kept for some days; webhooks are in profile.json",
    "generation.WebhookDelivery": "copies of what runs.json says, kept for some days",
    "mfa.Authenticator": "secrets of the second factor: a copy would weaken it",
    "socialaccount.SocialToken": "secrets that open an account elsewhere",
}


def add(zipped: Zipped, user: User) -> None:
    """Add somebody's wishes and voices, and their reports with the files that came with them."""
    wishes = Wish.objects.filter(author=user).order_by("pk")
    votes = WishVote.objects.filter(user=user).select_related("wish").order_by("pk")
    reports = BugReport.objects.filter(author=user).order_by("pk").prefetch_related("files")
    lists = {
        "wishes": (_wish(row) for row in wishes.iterator(_CHUNK)),
        "votes": (row.wish.title for row in votes.iterator(_CHUNK)),
        "bug_reports": (_report(row) for row in reports.iterator(_CHUNK)),
    }
    zipped.add_lists("board.json", lists)
    for brought in BugReportFile.objects.filter(report__author=user).order_by("pk").iterator(_CHUNK):
        zipped.add_if_there(f"reports/{_name(brought)}", brought.file)


def _wish(wish: Wish) -> dict[str, Any]:
    return {
        "title": wish.title,
        "text": wish.text,
        "state": wish.state,
        "answer": wish.answer,
        "votes": wish.votes_count,
        "at": wish.created_at,
    }


def _report(report: BugReport) -> dict[str, Any]:
    return {
        "text": report.text,
        "page": report.page,
        "browser": report.browser,
        "state": report.state,
        "at": report.created_at,
        "files": [{"file": f"reports/{_name(brought)}", "name": brought.name} for brought in report.files.all()],
    }


def _name(brought: BugReportFile) -> str:
    return f"{brought.report_id}-{brought.pk}{PurePath(brought.file).suffix.lower()}"
