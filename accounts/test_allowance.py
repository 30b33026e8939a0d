"""Pictures that a person's test keys may ask for in a UTC day. They cost nothing, so this is what bounds them."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.utils import timezone

from accounts.errors import TestAllowanceUsedUp
from accounts.models import TestAllowance, User

PICTURES_A_DAY = 25


def take(user: User, pictures: int) -> int:
    """Take so many pictures of today's and return how many are left; called within the run's own transaction.

    One conditional statement: of many requests at once none gets a picture too many, and whoever comes second waits
    for the first's commit. A run that is not made gives its pictures back with its transaction; one that is
    canceled or fails doesn't: what was asked for counts. Raises: TestAllowanceUsedUp.
    """
    row = _add(user, pictures) if pictures <= PICTURES_A_DAY else None
    if row is None:
        raise TestAllowanceUsedUp(pictures, left(user), PICTURES_A_DAY, tomorrow())
    return PICTURES_A_DAY - row


def left(user: User) -> int:
    """Return how many pictures the person's test keys may still ask for today."""
    taken = TestAllowance.objects.filter(user=user, day=_today()).values_list("pictures", flat=True).first() or 0
    return max(0, PICTURES_A_DAY - taken)


def tomorrow() -> datetime:
    """Return when the next pictures come."""
    return datetime.combine(_today() + timedelta(days=1), datetime.min.time(), UTC)


def _add(user: User, pictures: int) -> int | None:
    """Return today's pictures with these; None where they would be too many."""
    table = connection.ops.quote_name(TestAllowance._meta.db_table)
    statement = (
        f"INSERT INTO {table} AS t (user_id, day, pictures) VALUES (%s, %s, %s) "  # noqa: S608 (no value in it)
        "ON CONFLICT (user_id, day) DO UPDATE SET pictures = t.pictures + excluded.pictures "
        "WHERE t.pictures + excluded.pictures <= %s RETURNING pictures"
    )
    user_id = User._meta.pk.get_db_prep_value(user.pk, connection)
    day = connection.ops.adapt_datefield_value(_today())
    with connection.cursor() as cursor:
        cursor.execute(statement, [user_id, day, pictures, PICTURES_A_DAY])
        row = cursor.fetchone()
    return int(row[0]) if row else None


def _today() -> date:
    return timezone.now().astimezone(UTC).date()
