"""People who send runs; a program of its own, for a studio that is not the test's.

    python -m tests.reliability.load [--runs N] [--seconds S] [--pause S] [--seed N]

Whoever gets no answer, since the database is away, sends the same again under the same key until there is one. Prints
the ids of the runs that were accepted, a line each.
"""

import argparse
import itertools
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from accounts.models import User

T = TypeVar("T")

PEOPLE = 4
CREDITS = 20_000
_AGAIN_SECONDS = 0.2


def main(arguments: Sequence[str]) -> None:
    """Send runs of one to four pictures until there are enough or the time is over, and cancel one of ten."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability.load")
    parser.add_argument("--runs", type=int, default=sys.maxsize)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--pause", type=float, default=0.15, help="seconds between two runs, on average")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    end = time.monotonic() + options.seconds
    sent = itertools.takewhile(lambda _: time.monotonic() < end, _send(options.pause, random.Random(options.seed)))
    for pk in itertools.islice(sent, options.runs):
        print(pk)


def _send(pause: float, dice: random.Random) -> Iterator[uuid.UUID]:
    from generation import lifecycle
    from tests.generation.runs import submit

    people = [_until_answered(partial(_person, f"person{number}@example.com")) for number in range(PEOPLE)]
    for number in itertools.count():
        person, size, key = dice.choice(people), dice.randint(1, 4), uuid.uuid4().hex
        job = _until_answered(lambda: submit(person, key=key, num_images=size, prompt=f"fox {number}"))  # noqa: B023
        yield job.pk
        time.sleep(pause * dice.uniform(0.2, 1.8))
        if dice.random() < 0.1:
            _until_answered(lambda: lifecycle.cancel(job))  # noqa: B023


def _person(email: str) -> "User":
    """Return the person with this address; made whole, or not at all."""
    from django.db import transaction

    from accounts.models import User
    from tests.generation.runs import make_person

    with transaction.atomic():
        return User.objects.filter(email=email).first() or make_person(email, credits=CREDITS)


def _until_answered(ask: Callable[[], T]) -> T:
    from django.db import Error, connection

    while True:
        try:
            return ask()
        except Error:
            connection.close()
            time.sleep(_AGAIN_SECONDS)


if __name__ == "__main__":
    import django

    django.setup()
    main(sys.argv[1:])
