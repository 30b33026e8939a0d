"""The audit log: one line for everything that people who run the site do, with what it changed."""

import getpass
import logging
import os
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import BinaryField, Field, JSONField, Model, Q, TextField
from django.http import HttpRequest

from accounts.client_address import address_of
from accounts.models import AuditLine, User
from accounts.models.audit_line import NOTE_MAX_LENGTH, TEXT_MAX_LENGTH

logger = logging.getLogger(__name__)

# Who acts in lines of what was done by a command: whoever has the shell, whom the site knows by no account.
COMMAND_LINE = UUID(int=0)

Values = dict[str, Any]

_SECRETS = ("password", "secret", "digest", "token", "sealed", "recovery")
_LONG = 120
_LEFT_OUT = "…"


def write(
    request: HttpRequest | None,
    actor: UUID,
    verb: str,
    row: Model | None = None,
    *,
    changes: dict[str, list[Any]] | None = None,
    note: str = "",
) -> AuditLine:
    """Write one line. changes: {field: [before, after]}, as `differences` makes them."""
    line = AuditLine(
        actor=actor,
        address=address_of(request) if request is not None and request.META else "",
        verb=verb,
        kind=row._meta.label_lower if row is not None else "",
        object_id=str(row.pk)[:64] if row is not None else "",
        object_text=str(row)[:TEXT_MAX_LENGTH] if row is not None else "",
        changes=changes or {},
        note=note[:NOTE_MAX_LENGTH],
    )
    line.save()
    logger.info("staff action", extra={"actor": actor, "verb": verb, "kind": line.kind, "row": line.object_id})
    return line


def write_of_command(verb: str, row: Model, note: str) -> AuditLine:
    """Write the line of what was done from a shell: its user is named in the note."""
    return write(None, COMMAND_LINE, verb, row, note=f"command line, {_shell_user()}: {note}")


def values_of(row: Model) -> Values:
    """Return what the database holds of a row now, without secrets; empty where there is no such row."""
    meta = row._meta
    columns = [field for field in meta.concrete_fields if not _is_secret(field)]
    found = type(row)._base_manager.filter(pk=row.pk).values(*(field.attname for field in columns)).first()
    if found is None:
        return {}
    values = {field.attname: found[field.attname] for field in columns}
    for many in meta.many_to_many:
        values[many.name] = sorted(str(pk) for pk in getattr(row, many.name).values_list("pk", flat=True))
    return values


def differences(kind: type[Model], before: Values, after: Values) -> dict[str, list[Any]]:
    """Return {field: [before, after]} for what differs; of long texts only that they do."""
    long = {field.attname for field in kind._meta.concrete_fields if isinstance(field, _LONG_FIELDS)}
    return {
        name: [_shown(before.get(name), name in long), _shown(after.get(name), name in long)]
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def forget(user: User, addresses: Sequence[str]) -> None:
    """Leave of an erased person what the law keeps: ids, verbs and times, and what they did to others as staff."""
    AuditLine.objects.filter(actor=user.pk).update(address="")
    about = Q(kind=User._meta.label_lower, object_id=str(user.pk))
    for address in addresses:
        about |= Q(object_text__icontains=address) | Q(note__icontains=address) | Q(changes__icontains=address)
    AuditLine.objects.filter(about).update(object_text="", note="", changes={})


_LONG_FIELDS = (TextField, JSONField, BinaryField)


def _shell_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"  # without a name, as in some containers


def _is_secret(field: "Field[Any, Any]") -> bool:
    return any(word in field.name for word in _SECRETS)


def _shown(value: Any, is_long: bool) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        return [str(one) for one in value[:100]] if not is_long else _LEFT_OUT
    text = str(value)
    return _LEFT_OUT if (is_long and text) or len(text) > _LONG else text
