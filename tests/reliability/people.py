"""People and programs who use a studio for as long as they are let: they sign up, draw, edit, look, show and buy.

Everything goes over HTTP, as a browser or a client would send it. Each answer is counted; what is none, or an error of
the server's, is kept.
"""

import json
import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
from PIL import Image as Pillow

from tests.generation.uploads import png_of

_WORDS = ("red", "old", "small", "fox", "boat", "tower", "moon", "garden", "clock", "river")
_CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 40", "cvc": "123", "name": "Ada Lovelace"}
_LOOKS = 200
_ENDED = {"FINISHED", "FAILED", "CANCELED"}


@dataclass
class Tally:
    """What was done, how it was answered, and what should not have been."""

    done: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Caller:
    """Somebody at a client of their own."""

    url: str
    dice: random.Random
    tally: Tally
    is_over: threading.Event
    pause_seconds: float

    def __post_init__(self) -> None:
        # Each from a place of its own: the proxy in front would say so.
        place = ".".join(str(self.dice.randint(1, 250)) for _ in range(4))
        self.client = httpx.Client(
            base_url=self.url, timeout=60, follow_redirects=True, headers={"X-Forwarded-For": place}
        )

    def ask(self, method: str, path: str, *fine: int, **more: object) -> httpx.Response:
        """Send a request, think a moment, and return the answer; none is waited for again. Raises: Disappointed."""
        try:
            answer = self.client.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.TransportError as error:
            self.tally.wrong.append(f"{method} {path}: {error!r}")
            raise Disappointed from error
        self.tally.statuses[answer.status_code] += 1
        if answer.status_code >= 400 and answer.status_code not in fine:
            self.tally.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            raise Disappointed
        self.is_over.wait(self.pause_seconds * self.dice.uniform(0.2, 1.8))
        return answer

    def words(self) -> str:
        """Return a prompt."""
        return f"a {' '.join(self.dice.sample(_WORDS, 3))}"

    def picture(self) -> bytes:
        """Return the file of a picture: something of one colour before another, as nobody has brought it before."""
        ground, thing = (tuple(self.dice.randbytes(3)) for _ in range(2))
        picture = Pillow.new("RGB", (160, 120), ground)
        picture.paste(thing, (40, 30, 120, 90))
        return png_of(picture)


class Disappointed(Exception):
    """An answer that should not have been; it is in the tally."""


class Visitor(Caller):
    """Somebody with a browser: a new account each time, and everything that one does with it."""

    def live(self) -> None:
        """Come, do a few things and go."""
        self.client.cookies.clear()
        email = f"visitor-{uuid.UUID(int=self.dice.getrandbits(128))}@example.com"
        for path in ("/", "/pricing/", "/accounts/signup/"):
            self.ask("GET", path)
        self.post("/accounts/signup/", email=email, password1="correct horse battery staple")
        self.tally.done["sign-ups"] += 1
        if self.dice.random() < 0.4:
            self.buy()
        for _ in range(self.dice.randint(1, 3)):
            picture = self.draw()
            self.look_at(picture)
        if self.dice.random() < 0.4:
            self.paint_over()
        if self.dice.random() < 0.3:
            self.animate(picture)
        for path in ("/settings/profile/", "/settings/billing/", "/settings/billing/invoices/", "/models/", "/edit/"):
            self.ask("GET", path)
        self.post("/accounts/logout/")
        self.ask("GET", "/showcase/")

    def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form."""
        token = self.client.cookies.get("csrftoken") or ""
        return self.ask("POST", path, data={"csrfmiddlewaretoken": token, **form})

    def buy(self) -> None:
        """Begin a plan in the test shop, and buy more credits with it now and then."""
        self._pay("/settings/billing/plan/", plan="starter", interval="month")
        if self.dice.random() < 0.5:
            self._pay("/settings/billing/pack/", pack="site-1000")

    def _pay(self, path: str, **choice: str) -> None:
        self.ask("GET", path, params=choice)
        checkout = self.post(path, **choice, form_key=str(self._key()))
        paid = self.ask("POST", checkout.url.path, data={"do": "pay", "code": "", "card": "", **_CARD})
        if paid.url.path == "/pricing/" or paid.url.path.startswith("/test-shop/"):
            self.tally.wrong.append(f"paid, and was led to {paid.url}")
            raise Disappointed
        self.tally.done["purchases"] += 1

    def draw(self) -> str:
        """Have a picture drawn and wait for it; returns the path of its page."""
        page = self.ask("GET", "/create/").text
        found = re.search(r'name="key" value="(\w+)"', page)
        form = {"key": found[1] if found else "", "prompt": self.words(), "num_images": "1"}
        sent = self.post("/create/runs/", **form)
        run = re.search(r"/create/runs/[0-9a-f-]{36}/", sent.text)
        if run is None:
            self.tally.wrong.append(f"no run on the page: {sent.status_code} {sent.url}")
            raise Disappointed
        return self._await(run[0], "pictures of the site")

    def paint_over(self) -> None:
        """Bring a picture and a mask along, and have what lies under the mask drawn anew."""
        mask = Pillow.new("L", (160, 120))
        left, top = self.dice.randrange(80), self.dice.randrange(60)
        mask.paste(255, (left, top, left + 60, top + 50))
        pictures = {"image": self._bring(self.picture(), "picture"), "mask": self._bring(png_of(mask), "mask")}
        self._edit("edits", "", task="inpaint", prompt=self.words(), num_images="1", **pictures)

    def animate(self, picture: str) -> None:
        """Have a picture that was drawn here made into a short video."""
        image = f"image:{picture.split('/')[2]}"
        self._edit("videos", picture, task="image-to-video", prompt=self.words(), image=image, seconds="1")

    def look_at(self, picture: str) -> None:
        """Open a picture, find it again in the library, and show it to others now and then."""
        page = self.ask("GET", picture).text
        if file := re.search(r'"(/media/[^"]+)"', page):
            self.ask("GET", file[1])
        for query in ("", f"?q={self.dice.choice(_WORDS)}", "?sort=oldest", "?q=nothing-of-the-kind"):
            self.ask("GET", f"/library/{query}")
        if self.dice.random() < 0.5:
            self.post(f"{picture}share/", share=self.dice.choice(["link", "showcase"]))
            self.tally.done["publications"] += 1

    def _edit(self, kind: str, source: str, **form: str) -> None:
        sent = self.post("/edit/runs/", key=self._key().hex, **form).json()
        self._await(sent["run"]["url"], kind, source)

    def _bring(self, file: bytes, kind: str) -> str:
        form = {"csrfmiddlewaretoken": self.client.cookies.get("csrftoken") or "", "kind": kind}
        kept = self.ask("POST", "/uploads/", data=form, files={"file": ("brought.png", file, "image/png")})
        return str(kept.json()["ref"])

    def _await(self, run: str, kind: str, source: str = "") -> str:
        """Look at a run as its page does until its picture, not its source, is there; returns the picture's path."""
        tag = ""
        for _ in range(_LOOKS):
            look = self.ask("GET", run, headers={"HX-Request": "true", "If-None-Match": tag})
            tag = look.headers.get("ETag", tag)
            drawn = [match[0] for match in re.finditer(r"/pictures/[0-9a-f-]{36}/", look.text) if match[0] != source]
            if drawn:
                self.tally.done[kind] += 1
                return drawn[0]
        self.tally.wrong.append(f"never drawn: {run}")
        raise Disappointed

    def _key(self) -> uuid.UUID:
        return uuid.UUID(int=self.dice.getrandbits(128), version=4)


@dataclass
class Program(Caller):
    """Somebody's code, with a key; `events_url` is where the event streams are."""

    key: str = ""
    events_url: str = ""

    def live(self) -> None:
        """Order twice under one key, follow or poll, fetch, list, and cancel or delete now and then."""
        keyed = {"Authorization": f"Bearer {self.key}"}
        order = {"prompt": self.words(), "model": "starter", "numImages": self.dice.randint(1, 2)}
        if file := self._bring(keyed) if self.dice.random() < 0.3 else "":
            order |= {"task": "image-to-image", "image": file}
        once = {**keyed, "Idempotency-Key": str(uuid.UUID(int=self.dice.getrandbits(128)))}
        first, again = (self.ask("POST", "/v1/diffusions", json=order, headers=once).json() for _ in range(2))
        if first["id"] != again["id"]:
            self.tally.wrong.append(f"one key, two runs: {first['id']}, {again['id']}")
        self.tally.done["runs of the API"] += 1
        path = f"/v1/diffusions/{first['id']}"
        if self.dice.random() < 0.1:
            self.ask("POST", f"{path}/cancel", 409, headers=keyed)
        if self.dice.random() < 0.5:
            self._listen(path, keyed)
        for image in self._follow(path, keyed):
            self.ask("GET", image)
        for looked_at in ("/v1/diffusions?limit=20", "/v1/models", "/v1/account"):
            self.ask("GET", looked_at, headers=keyed)
        if self.dice.random() < 0.2:
            self.ask("DELETE", path, headers=keyed)
        if file:
            self.ask("DELETE", f"/v1/files/{file}", headers=keyed)

    def _bring(self, keyed: dict[str, str]) -> str:
        file = {"file": ("brought.png", self.picture(), "image/png")}
        self.tally.done["files of the API"] += 1
        return str(self.ask("POST", "/v1/files", headers=keyed, files=file).json()["id"])

    def _listen(self, path: str, keyed: dict[str, str]) -> None:
        """Hear the run's events to its end, or hang up after the first now and then."""
        hangs_up = self.dice.random() < 0.2
        try:
            with self.client.stream("GET", f"{self.events_url}{path}/events", headers=keyed) as stream:
                self.tally.statuses[stream.status_code] += 1
                events = (line for line in stream.iter_lines() if line.startswith("data: "))
                told = {"status": f"{stream.status_code} and no event"}
                for line in events:
                    told = {**told, **json.loads(line.removeprefix("data: "))}
                    if hangs_up:
                        return
        except httpx.TransportError as error:
            told = {"status": repr(error)}
        if told["status"] not in _ENDED:
            self.tally.wrong.append(f"the stream of {path} ended with {told['status']}")
            raise Disappointed
        self.tally.done["streams"] += 1

    def _follow(self, path: str, keyed: dict[str, str]) -> list[str]:
        """Poll until it has ended; returns where its pictures are."""
        for _ in range(_LOOKS):
            found = self.ask("GET", path, headers=keyed).json()
            if found["status"] in _ENDED:
                if found["status"] == "FAILED":
                    self.tally.wrong.append(f"failed: {path}")
                return found["images"]  # type: ignore[no-any-return]
        self.tally.wrong.append(f"never drawn: {path}")
        raise Disappointed


@contextmanager
def at_work(callers: list[Caller], is_over: threading.Event) -> Iterator[None]:
    """Let them live, each in a thread, one life after another, until the block ends."""
    threads = [threading.Thread(target=_go_on, args=(caller, is_over)) for caller in callers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def _go_on(caller: Caller, is_over: threading.Event) -> None:
    live: Callable[[], None] = caller.live  # type: ignore[attr-defined]
    while not is_over.is_set():
        try:
            live()
        except Disappointed:
            time.sleep(1)
