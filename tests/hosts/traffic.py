"""People and programs who go on ordering and looking, whatever happens to the hosts behind their balancer."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from tests.hosts.balancer import BALANCER
from tests.hosts.people import Answer, Browser, Program
from tests.hosts.studio import Studio

# Somebody who waits for the picture has a request open for as long as it takes to draw.
_WAIT_SECONDS = 4
_PROGRAMS = 3
_PAGES = ("/library/", "/create/", "/pricing/", "/settings/billing/")


@dataclass
class Traffic:
    """What was asked and how it was answered."""

    person: Browser
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    # Over the API, and by the button.
    ordered: list[str] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0

    def order(self, program: Program) -> None:
        """Order a picture and wait for it."""
        answer = self._note("order", lambda: program.post_and_wait(BALANCER, _WAIT_SECONDS))
        self.ordered.append(answer.json["id"])

    def look(self, number: int) -> None:
        """Look at a page."""
        self._note("page", lambda: self.person.get(BALANCER, _PAGES[number % len(_PAGES)]))

    def press(self) -> None:
        """Press the button."""
        self.pressed.append(self.person.generate(BALANCER))
        self.statuses["press 200"] += 1

    def _note(self, what: str, asked: Callable[[], Answer]) -> Answer:
        began = time.monotonic()
        answer = asked()
        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        self.statuses[f"{what} {answer.status}"] += 1
        assert answer.status < 300, f"{what}: {answer.status} {answer.text[:300]}"
        return answer


@contextmanager
def traffic(hosts: Studio, person: Browser) -> Iterator[Traffic]:
    """Let three programs order and one person look and draw, each again and again."""
    found, over = Traffic(person), Event()
    programs = [Program(hosts, person.make_key("web1", f"key {number}")) for number in range(_PROGRAMS)]

    def go_on(deed: Callable[[int], None], pause_seconds: float) -> None:
        number = 0
        while not over.is_set():
            try:
                deed(number)
            except (OSError, AssertionError) as error:
                found.wrong.append(f"{time.strftime('%H:%M:%S')} {error!r}"[:500])
            number += 1
            over.wait(pause_seconds)

    deeds: list[tuple[Callable[[int], None], float]] = [
        *((lambda _, program=program: found.order(program), 1.0) for program in programs),
        (found.look, 0.3),
        (lambda _: found.press(), 5.0),
    ]
    threads = [Thread(target=go_on, args=deed, daemon=True) for deed in deeds]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()
