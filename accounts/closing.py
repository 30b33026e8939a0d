"""The end of an account, as far as accounts go: first nobody can come in by it, in the end nothing says whose it was.

The row stays, for the ledger's lines need somebody whom they are of; nothing leads from it to a person any more. What
hangs on a person in tables that are not ours goes by the rule of its own foreign key: what would go with the row goes.
What the floors above keep (wallets, runs, pictures) is theirs to end first.
"""

import logging
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit, erased_mailboxes, former_addresses, traces
from accounts.models import ERASED_DOMAIN, ApiKey, Referral, User

logger = logging.getLogger(__name__)

_ERASED = "an erased account"


def lock_out(user: User) -> None:
    """Let nobody in any more: by a session, the password, a key or a link."""
    facts: dict[str, Any] = {"is_active": False, "is_staff": False, "is_superuser": False, "referral_code": None}
    user.set_unusable_password()
    User.objects.filter(pk=user.pk).update(password=user.password, **facts)
    ApiKey.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=timezone.now())
    for session in UserSession.objects.filter(user=user):
        session.end()
    logger.info("account locked", extra={"user": user.pk})


def make_nobodys(user: User, address: str) -> None:
    """Take everything from the account that says whose it was.

    `address`, and those from before, are looked for where operators may have them. A keyed hash of the mailbox stays
    for a time. Done twice, it changes nothing.
    Raises: ProtectedError while something of the floors above is left.
    """
    addresses = [one for one in (address, *former_addresses.of(user)) if one]
    for one in addresses:
        traces.forget(one)
    with transaction.atomic():
        erased_mailboxes.note(user)
        for relation in relations():
            _remove_what_hangs_on(relation, user)
        user.groups.clear()
        user.user_permissions.clear()
        Referral.objects.filter(Q(friend=user) | Q(referrer=user)).update(network="", device="", note="")
        _forget_in_admin_log(user, addresses)
        audit.forget(user, addresses)
        facts: dict[str, Any] = {"display_name": "", "time_zone": "UTC", "device": "", "last_login": None}
        User.objects.filter(pk=user.pk).update(email=f"{user.pk.hex}@{ERASED_DOMAIN}", referral_code=None, **facts)
    logger.info("account made nobody's", extra={"user": user.pk})


def relations() -> list[Any]:
    """Return everything by which a row hangs on a person's, also where the person's knows nothing of it."""
    # `related_objects` leaves out those without a name of their own on that side (`related_name="+"`).
    fields = User._meta.get_fields(include_hidden=True)
    return [field for field in fields if field.auto_created and (field.one_to_many or field.one_to_one)]


def _remove_what_hangs_on(relation: Any, user: User) -> None:
    """Delete the rows that would go with the person's, and let go of those that would stay without them.

    What an operator did stays in the admin's log.
    """
    rows = relation.related_model._base_manager.filter(**{relation.field.name: user})
    if relation.on_delete is models.SET_NULL:
        rows.update(**{relation.field.name: None})
    elif relation.on_delete is models.CASCADE and relation.related_model is not LogEntry:
        rows.delete()


def _forget_in_admin_log(user: User, addresses: list[str]) -> None:
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    for address in addresses:
        about |= Q(object_repr__icontains=address) | Q(change_message__icontains=address)
    LogEntry.objects.filter(about).update(object_repr=_ERASED, change_message="")
