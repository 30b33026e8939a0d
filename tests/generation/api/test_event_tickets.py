import uuid
from datetime import timedelta

import time_machine
from django.utils import timezone

from generation.api import event_tickets

KEY, RUN = event_tickets.way_of(uuid.uuid4(), "0123456789abcdef" * 4), uuid.uuid4()


def test_a_ticket_names_its_key_for_its_run_alone() -> None:
    ticket = event_tickets.make(KEY, RUN)

    assert event_tickets.read(ticket, str(RUN)) == KEY
    assert event_tickets.read(ticket, str(uuid.uuid4())) is None
    assert event_tickets.read(ticket, "nonsense") is None


def test_a_ticket_is_good_for_a_minute() -> None:
    ticket = event_tickets.make(KEY, RUN)

    with time_machine.travel(timezone.now() + timedelta(seconds=event_tickets.LIFETIME_SECONDS + 2)):
        assert event_tickets.read(ticket, str(RUN)) is None


def test_a_changed_ticket_opens_nothing() -> None:
    ticket = event_tickets.make(KEY, RUN)
    other = event_tickets.make(event_tickets.way_of(uuid.uuid4(), "ab" * 32), RUN)

    forged = other.split(":")[0] + ":" + ticket.partition(":")[2]

    assert event_tickets.read(forged, str(RUN)) is None
    assert event_tickets.read("", str(RUN)) is None
