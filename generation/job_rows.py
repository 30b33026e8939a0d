"""What `lifecycle` writes when a run is claimed and when it gets on: statements whose SQL is not built anew each time.

What belongs here: how rows are written. What does not: when, by whom, and what follows (`lifecycle`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from billing import ledger_rows
from billing.ledger_rows import Statement
from generation import search_index
from generation.models import Image, Job

_TAKE = """
    UPDATE generation_job SET status = 'PROCESSING', attempt = attempt + 1, claimed_by = %s, lease_expires_at = %s,
        started_at = %s, slot = CAST(CASE id {slots} END AS smallint)
    WHERE status = 'NEW' AND ({jobs}) RETURNING id
"""
_LOOKED_AT = "(id = %s AND attempt = %s)"
_ADVANCE = """
    UPDATE generation_job SET images_stored = images_stored + %s{facts}
    WHERE id = %s AND attempt = %s AND status = 'PROCESSING' RETURNING images_stored
"""


def taking(chosen: Mapping[Job, int | None], name: str, now: datetime, lease_end: datetime) -> Statement:
    """Take jobs that wait as they were looked at, each with its place; returns the ids of those that were there."""
    slots = [value for job, slot in chosen.items() for value in (job.pk, slot)]
    looked_at = [value for job in chosen for value in (job.pk, job.attempt)]
    text = _TAKE.format(slots="WHEN %s THEN %s " * len(chosen), jobs=" OR ".join([_LOOKED_AT] * len(chosen)))
    return Statement(text, [name, lease_end, now, *slots, *looked_at])


def advancing(job: Job, attempt: int, delivered: int, facts: Mapping[str, Any]) -> Statement:
    """Count what an attempt delivered and write `facts`, if it owns the job; returns how many pictures it has now."""
    text = _ADVANCE.format(facts="".join(f", {name} = %s" for name in facts))
    return Statement(text, [delivered, *facts.values(), job.pk, attempt])


def adding(images: Sequence[Image]) -> list[Statement]:
    """Write pictures with their videos, and the words that they are found by."""
    clips = [image.video for image in images if image.video]
    return [ledger_rows.add(row) for row in (*images, *clips, *search_index.rows_of(images))]
