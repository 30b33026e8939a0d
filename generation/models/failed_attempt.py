"""An attempt at a run that ended badly: by whom, when and why. For operators; its owner reads the run's own words.

Written by the workers, and by `lifecycle` for those that were lost. What it tells are places in the code, never values.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from generation.models.job import Job

DETAIL_MAX_LENGTH = 8000


class FailedAttemptQuerySet(models.QuerySet["FailedAttempt"]):
    """How attempts are written down."""

    def keep(self, job: Job, code: str, detail: str = "") -> "FailedAttempt":
        """Write down the attempt that `job` is on, as whoever has claimed it knows it."""
        return self.create(
            job=job,
            number=job.attempt,
            worker=job.claimed_by,
            began_at=job.started_at,
            code=code,
            # The innermost frames say most.
            detail=detail[-DETAIL_MAX_LENGTH:],
        )


class FailedAttempt(models.Model):
    """One attempt. Goes with its run."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="failed_attempts")
    number = models.PositiveSmallIntegerField()
    worker = models.CharField(max_length=120, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(default=timezone.now)
    code = models.CharField(max_length=32)
    # The error's kind and where in the code it was raised; empty: nobody was left to tell.
    detail = models.TextField(blank=True)

    objects: ClassVar[models.Manager["FailedAttempt"]] = models.Manager.from_queryset(FailedAttemptQuerySet)()

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}: {self.code}"
