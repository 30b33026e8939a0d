"""People with a browser: they sign up, and press Generate. Real HTTP over one open connection each."""

import http.client
import re
import secrets
import time
import urllib.parse
import uuid
from dataclasses import dataclass
from http.cookies import SimpleCookie

from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, Site

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_RUN = re.compile(r"/create/runs/([0-9a-f-]{36})/")
_PLENTY = 1_000_000
_PLACES = 1000
_TIMEOUT_SECONDS = 120
# The server closes what has been idle for 30 s; like a browser, begin a new connection before that.
_IDLE_SECONDS = 15.0


@dataclass(frozen=True)
class Wish:
    """One run of one picture, as it is typed into the form."""

    prompt: str
    seed: int
    num_inference_steps: int

    def fields(self) -> dict[str, str]:
        """Return the form's fields; what is not here stands at the model's default."""
        return {
            "prompt": self.prompt,
            "negative_prompt": "",
            "model": "starter",
            "size": "128x128",
            "num_images": "1",
            "steps": str(self.num_inference_steps),
            "guidance_scale": "4",
            "scheduler": "ddim",
            "seed": str(self.seed),
            "shown_model": "starter",
            "is_plain": "1",
        }


@dataclass(frozen=True)
class Sent:
    """A run that was taken: `sent_at` and `answered_at` are Unix times around the POST."""

    job_id: uuid.UUID
    sent_at: float
    answered_at: float


class Line:
    """One connection, kept open as long as the server keeps it."""

    def __init__(self, site: Site) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=_TIMEOUT_SECONDS)
        self._last_used = time.monotonic()

    def send(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, str]:
        """Send a request; returns the answer and its text."""
        if time.monotonic() - self._last_used > _IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, path, body or None, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        self._last_used = time.monotonic()
        return response, text

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, site: Site) -> None:
        """Sign up, and come to the form."""
        self.email = f"{uuid.uuid4().hex}@bench.example"
        self._line = Line(site)
        self._cookies: dict[str, str] = {}
        form = {"email": self.email, "password1": secrets.token_urlsafe(16), "csrfmiddlewaretoken": ""}
        form["csrfmiddlewaretoken"] = self._token("/accounts/signup/")
        status, _ = self._send("POST", "/accounts/signup/", form)
        if status != 302 or "sessionid" not in self._cookies:
            raise BenchmarkFailed(f"sign-up was answered with {status}")
        self._token_of_form = self._token("/create/")

    @property
    def cookies(self) -> dict[str, str]:
        """What a browser needs to go on as this person."""
        return dict(self._cookies)

    def generate(self, wish: Wish) -> Sent:
        """Press the button, as htmx does. Raises: BenchmarkFailed when the run is not taken."""
        form = {**wish.fields(), "key": uuid.uuid4().hex, "csrfmiddlewaretoken": self._token_of_form}
        body = urllib.parse.urlencode(form).encode()
        sent_at = time.time()
        status, page = self._send("POST", "/create/runs/", body, {"HX-Request": "true"})
        answered_at = time.time()
        run = _RUN.search(page)
        if status != 200 or run is None:
            raise BenchmarkFailed(f"POST /create/runs/ was answered with {status}:\n{page[:2000]}")
        return Sent(uuid.UUID(run[1]), sent_at, answered_at)

    def look(self, job_id: uuid.UUID) -> None:
        """Get a run that is done, as its page does. Raises: BenchmarkFailed when it is shown otherwise."""
        status, page = self._send("GET", f"/create/runs/{job_id}/", more={"HX-Request": "true"})
        if status != 200 or 'data-face="done"' not in page:
            raise BenchmarkFailed(f"GET of the finished run {job_id} was answered with {status}:\n{page[:2000]}")

    def close(self) -> None:
        """Leave."""
        self._line.close()

    def _token(self, path: str) -> str:
        status, page = self._send("GET", path)
        token = _TOKEN.search(page)
        if status != 200 or token is None:
            raise BenchmarkFailed(f"GET {path} was answered with {status} and no form:\n{page[:2000]}")
        return token[1]

    def _send(
        self, method: str, path: str, form: dict[str, str] | bytes = b"", more: dict[str, str] | None = None
    ) -> tuple[int, str]:
        body = form if isinstance(form, bytes) else urllib.parse.urlencode(form).encode()
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()), **(more or {})}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        response, page = self._line.send(method, path, body, headers)
        for header in response.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return response.status, page


def rich_visitors(place: Place, site: Site, count: int) -> list[Visitor]:
    """Let people sign up, and see to it that no run fails for want of credits or waits for a place of the plan."""
    place.manage("shell", "-c", f"from billing.models import Plan; Plan.objects.update(jobs_at_once={_PLACES})")
    visitors = [Visitor(site) for _ in range(count)]
    for visitor in visitors:
        place.manage("grant_credits", visitor.email, str(_PLENTY), "--reason", "for the benchmark")
    return visitors
