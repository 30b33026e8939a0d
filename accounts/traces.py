"""Where an address stands outside the rows of its owner: in sessions of browsers that nobody is signed in with, in the
queue's log of what it did, in mails that were kept as files.
"""

import json
from typing import Any

from django.contrib.sessions.backends.cached_db import SessionStore
from django.contrib.sessions.models import Session
from django_q.models import Task

from accounts import mail

_CHUNK = 500


def forget(address: str) -> None:
    """Remove what names this address. Safe to do twice."""
    # A code that was asked for and never typed in, say: the address is all that leads to it.
    end_sessions(address)
    tasks = [task.pk for task in Task.objects.iterator(chunk_size=_CHUNK) if _names(_told(task), address)]
    Task.objects.filter(pk__in=tasks).delete()
    mail.forget(address)


def end_sessions(*words: str, keep: str | None = None) -> None:
    """End every session in which one of these words stands, but for the one whose key is `keep`."""
    for session in Session.objects.exclude(session_key=keep or "").iterator(chunk_size=_CHUNK):
        told = session.get_decoded()
        if any(_names(told, word) for word in words):
            SessionStore(session.session_key).delete()


def _told(task: Task) -> Any:
    return [task.name, task.args, task.kwargs, task.result]


def _names(told: Any, address: str) -> bool:
    return address.lower() in json.dumps(told, default=str, ensure_ascii=False).lower()
