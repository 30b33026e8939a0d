"""Whether a studio's runs are stuck, as its rows tell at any moment; times are the database's own.

A deep backlog is no stuck run: what waits is judged by whether others end, and by whom it lets pass.
"""

from tests.reliability.studio import Studio

# How long after the end of its lease a run may still be open.
STUCK_SECONDS = 60
# Pictures fill batches up, so that a short run may pass a long one of the same person's; never so many.
_PASSED_MAX = 100

# What must not be → how many runs it is so of. {seconds}: lease and STUCK_SECONDS together.
_LAWS = {
    "in hand past its lease": f"""
        SELECT count(*) FROM generation_job
        WHERE status = 'PROCESSING' AND lease_expires_at < now() - interval '{STUCK_SECONDS} seconds'
    """,
    "in hand in one attempt for longer than any takes, lease or not": """
        SELECT count(*) FROM generation_job
        WHERE status = 'PROCESSING' AND started_at < now() - interval '{seconds} seconds'
    """,
    "open while no run at all was drawn to its end": """
        SELECT count(*) FROM generation_job
        WHERE status IN ('NEW', 'PROCESSING') AND created_at < now() - interval '{seconds} seconds'
        AND NOT EXISTS (
            SELECT FROM generation_job ended
            WHERE ended.status = 'FINISHED' AND ended.finished_at > now() - interval '{seconds} seconds'
        )
    """,
    f"passed by more than {_PASSED_MAX} later ones of the same person's": f"""
        SELECT count(*) FROM generation_job waiting
        WHERE waiting.status = 'NEW' AND {_PASSED_MAX} < (
            SELECT count(*) FROM generation_job later
            WHERE later.user_id = waiting.user_id AND later.queued_at > waiting.queued_at
            AND later.started_at > waiting.queued_at
        )
    """,
}


def assert_none_is_stuck(studio: Studio, lease_seconds: float) -> None:
    """Fail where a run is stuck, and say how."""
    for law, query in _LAWS.items():
        count = studio.one(query.format(seconds=lease_seconds + STUCK_SECONDS))
        assert count == 0, f"{count} runs are {law}"
