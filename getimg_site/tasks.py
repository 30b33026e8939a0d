"""What the queue calls for the site itself; each entry hands over at once."""

from django.utils import timezone

from accounts import erased_mailboxes
from getimg_site import bug_reports

# (dotted name, every so many minutes); seeded in one place by `getimg_site.schedules`.
SCHEDULES = (("getimg_site.tasks.tidy", 24 * 60),)


def tidy() -> int:
    """Remove files of reports that no report names any more, and forget mailboxes that were erased long ago."""
    return bug_reports.remove_leftovers() + erased_mailboxes.forget_old(timezone.now())
