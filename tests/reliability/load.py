"""People who send runs; a program of its own, for a studio that is not the test's.

    python -m tests.reliability.load [--runs N] [--seconds S] [--pause S] [--seed N] [--web URL] [--hooks URL]

Whoever gets no answer, since the database or the web process is away, sends the same again under the same key until
there is one. Prints the ids of the runs that were accepted, a line each.

--web: send over the API that answers there, each with a key of their own. --hooks: where each is told of ends.
"""

import argparse
import itertools
import random
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

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
    parser.add_argument("--web", default="", help="where the API answers; without it, by the product's own verbs")
    parser.add_argument("--hooks", default="", help="where each person is told of the ends of runs")
    options = parser.parse_args(arguments)
    end = time.monotonic() + options.seconds
    dice = random.Random(options.seed)
    runs = _send_over(options.web, options.hooks, options.pause, dice) if options.web else _send(options.pause, dice)
    sent = itertools.takewhile(lambda _: time.monotonic() < end, runs)
    for pk in itertools.islice(sent, options.runs):
        print(pk, flush=True)


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


def _send_over(url: str, hooks: str, pause: float, dice: random.Random) -> Iterator[str]:
    people = [_until_answered(partial(_program, f"program{number}@example.com", hooks)) for number in range(PEOPLE)]
    with httpx.Client(base_url=url, timeout=30) as client:
        for number in itertools.count():
            headers = {"Authorization": f"Bearer {dice.choice(people)}", "Idempotency-Key": uuid.uuid4().hex}
            body = {"prompt": f"fox {number}", "model": "starter", "numImages": dice.randint(1, 4)}
            answer = _until_it_answers(client, "/v1/diffusions", headers, body)
            assert answer.status_code == 201, answer.text
            pk = str(answer.json()["id"])
            yield pk
            time.sleep(pause * dice.uniform(0.2, 1.8))
            if dice.random() < 0.1:
                canceled = _until_it_answers(client, f"/v1/diffusions/{pk}/cancel", headers)
                assert canceled.status_code in (200, 409), canceled.text


def _program(email: str, hooks: str) -> str:
    """Return the text of a key of the person's with this address; made whole, or not at all."""
    from django.db import transaction

    from accounts.models import User
    from generation import webhooks
    from tests.generation.api.calling import make_program
    from tests.generation.runs import make_person

    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        if user is None:
            user = make_person(email, credits=0)
            if hooks:
                webhooks.create(user, url=hooks)
        return make_program(CREDITS, user=user).text


def _until_it_answers(
    client: httpx.Client, path: str, headers: dict[str, str], body: dict[str, Any] | None = None
) -> httpx.Response:
    """POST again and again until there is an answer that is no error of the server's."""
    while True:
        try:
            answer = client.post(path, json=body, headers=headers)
        except httpx.TransportError:
            pass
        else:
            if answer.status_code < 500:
                return answer
        time.sleep(_AGAIN_SECONDS)


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
