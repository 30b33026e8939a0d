"""Looking at what is a person's: begun with a reason, over after half an hour, with an audit line.

There are two ways: the site as they see it, of which `getimg_site/view_as.py` says what may be looked at, and their
pictures and prompts in the admin (`generation/operators_sight.py`).
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from accounts import audit
from accounts.models import SupportVisit, User

PERMISSION = "accounts.view_as_person"
LASTS = timedelta(minutes=30)
_SESSION_KEY = "support_visit"


class NotViewable(Exception):
    """Nobody looks at the site as this person. The message says why."""


def begin(request: HttpRequest, staff: User, person: User, reason: str) -> SupportVisit:
    """Begin a visit in this session. Raises: NotViewable."""
    _refuse_staff(staff, person)
    if person.is_erased or not person.is_active:
        raise NotViewable(gettext("This account is closed: there is nothing to see by it."))
    visit = SupportVisit.objects.create(user=person, staff=staff.pk, reason=reason, ends_at=timezone.now() + LASTS)
    request.session[_SESSION_KEY] = visit.pk
    audit.write(request, staff.pk, "view as: begin", person, note=reason)
    return visit


def begin_in_admin(request: HttpRequest, staff: User, person: User, reason: str) -> SupportVisit:
    """Show somebody's prompts and pictures to an operator in the admin; it is over by itself.

    Also a suspended person's, who may object. Raises: NotViewable.
    """
    _refuse_staff(staff, person)
    with transaction.atomic():
        visit = SupportVisit.objects.create(user=person, staff=staff.pk, reason=reason, ends_at=timezone.now() + LASTS)
        audit.write(request, staff.pk, "show private", person, note=reason)
    return visit


def _refuse_staff(staff: User, person: User) -> None:
    if person.is_staff or person.is_superuser or person.pk == staff.pk:
        raise NotViewable(gettext("Nobody looks at the site as somebody who runs it."))


def going_on(staff: User) -> QuerySet[SupportVisit]:
    """Return the visits of an operator that are not over."""
    return SupportVisit.objects.filter(staff=staff.pk, ended_at=None, ends_at__gt=timezone.now())


def current(request: HttpRequest) -> SupportVisit | None:
    """Return the visit of this session, also one that is over by now but was not ended."""
    key = request.session.get(_SESSION_KEY)
    if key is None or not isinstance(request.user, User) or not request.user.is_authenticated:
        return None
    visit = SupportVisit.objects.select_related("user").filter(pk=key, staff=request.user.pk, ended_at=None).first()
    if visit is None:
        del request.session[_SESSION_KEY]
    return visit


def may_go_on(visit: SupportVisit, staff: User) -> bool:
    """Whether it may: in time, by somebody who still may, to somebody who still is an ordinary person."""
    person = visit.user
    is_ordinary = person.is_active and not person.is_staff and not person.is_superuser and not person.is_erased
    return timezone.now() < visit.ends_at and is_ordinary and staff.is_staff and staff.has_perm(PERMISSION)


def end(request: HttpRequest, staff: User, visit: SupportVisit, note: str) -> None:
    """End a visit; from now on the session is the operator's own again."""
    request.session.pop(_SESSION_KEY, None)
    if SupportVisit.objects.filter(pk=visit.pk, ended_at=None).update(ended_at=timezone.now()):
        audit.write(request, staff.pk, "view as: end", visit.user, note=note)


def recent(person: User) -> list[SupportVisit]:
    """Return the latest visits to an account."""
    return list(SupportVisit.objects.filter(user=person)[:20])
