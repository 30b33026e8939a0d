"""Where a waiting run stands in the queue, as one expression: the claim's own order, worked out in the database.

The claim takes turns: whoever was served longest ago first, and of each person the oldest run. So before somebody's
n-th run come up to n - 1 runs of everybody else, and one more of those who are before them in this round. Runs that a
batch takes along, and those that wait for a place in their owner's plan, can only make it come sooner.

That is a look at every waiting run, so it is done in a short line alone. In a long one only the run's turn is counted,
which is a look at its owner's; `queue_line` knows the rest.
"""

from typing import Any

from django.db.models import F, Func, IntegerField

# More waiting runs than these are a long line.
COUNTED_MAX = 500

# No further than the bound.
_IS_SHORT = """(
SELECT COUNT(*) FROM (SELECT 1 FROM generation_job line WHERE line.status = 'NEW' LIMIT {bound} + 1) AS counted
) <= {bound}"""
_TURN = """(
SELECT COUNT(*) FROM generation_job own WHERE own.status = 'NEW' AND own.user_id = {user} AND own.task <> 'dreambooth'
AND (own.queued_at, own.id) <= ({queued_at}, {id})
)"""
# Both databases read it as a moment before all others. The tables have names of their own, because the query around it
# has the same table.
_PLACE = """(
SELECT SUM(CASE
  WHEN other.user_id = {user} THEN me.turn
  WHEN other.waiting < me.turn THEN other.waiting
  WHEN (
    COALESCE((SELECT MAX(past.started_at) FROM generation_job past WHERE past.user_id = other.user_id), '0001-01-01'),
    other.first, other.user_id
  ) < (me.served, me.first, {user}) THEN me.turn
  ELSE me.turn - 1 END)
FROM (
  SELECT COUNT(CASE WHEN (own.queued_at, own.id) <= ({queued_at}, {id}) THEN 1 END) AS turn,
    MIN(own.queued_at) AS first,
    COALESCE((SELECT MAX(past.started_at) FROM generation_job past WHERE past.user_id = {user}), '0001-01-01') AS served
  FROM generation_job own WHERE own.status = 'NEW' AND own.user_id = {user} AND own.task <> 'dreambooth'
) AS me, (
  SELECT waiting.user_id, COUNT(*) AS waiting, MIN(waiting.queued_at) AS first
  FROM generation_job waiting WHERE waiting.status = 'NEW' AND waiting.task <> 'dreambooth'
  GROUP BY waiting.user_id
) AS other
)"""


class _OfARun(Func):
    """A number about a waiting run of `Job`; for others it means nothing."""

    output_field = IntegerField()
    sql: str

    def __init__(self) -> None:
        super().__init__(F("user_id"), F("queued_at"), F("id"))

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, tuple[()]]:  # type: ignore[override]  # noqa: ARG002
        """Write it for a row of the query around it, whose columns need no parameters."""
        names = ("user", "queued_at", "id")
        columns = {
            name: compiler.compile(expression)[0]
            for name, expression in zip(names, self.get_source_expressions(), strict=True)
        }
        return self.sql.format(**columns, bound=COUNTED_MAX), ()


class QueuePlace(_OfARun):
    """Its place, 1 being next; None in a long line."""

    sql = f"CASE WHEN {_IS_SHORT} THEN {_PLACE} END"


class QueueTurn(_OfARun):
    """In a long line, which of its owner's waiting runs it is, 1 being next; None in a short one."""

    sql = f"CASE WHEN {_IS_SHORT} THEN NULL ELSE {_TURN} END"
