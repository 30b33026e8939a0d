"""The periodic jobs of all apps, seeded in this one place. Each is idempotent and may be missed."""

from django_q.models import Schedule

import billing.tasks
import generation.tasks
import getimg_site.tasks

SCHEDULES = (*billing.tasks.SCHEDULES, *generation.tasks.SCHEDULES, *getimg_site.tasks.SCHEDULES)


def seed() -> None:
    """Write the schedule rows anew; rows of jobs that are gone are removed."""
    names = [name for name, _ in SCHEDULES]
    Schedule.objects.exclude(name__in=names).delete()
    for name, minutes in SCHEDULES:
        Schedule.objects.update_or_create(
            name=name,
            defaults={"func": name, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1},
        )
