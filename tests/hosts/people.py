"""Who visits the hosts: a browser that sends each request to the web host it is told, and a program with a key.

They choose a host, take another where that one does not answer, and say in the headers who asks and that it was by
HTTPS, all of which a balancer would do. Where one stands, its host is named instead (`balancer.py`).
"""

import http.client
import json
import re
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.cookies import SimpleCookie
from typing import Any

from accounts import key_text
from tests.hosts.studio import NAME, WEB_PORT, WEBS, Studio

PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_CODE = re.compile(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", re.MULTILINE)
_RUN = re.compile(r"/create/runs/([0-9a-f-]{36})/")
_CONNECT_SECONDS, _ANSWER_SECONDS = 2.0, 60.0
# What a proxy that ends TLS says.
BY_PROXY = {"Host": NAME, "X-Forwarded-Proto": "https", "X-Forwarded-For": "81.2.69.160"}


@dataclass(frozen=True)
class Answer:
    """What a host said; a redirect is an answer."""

    status: int
    headers: Message
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def send(
    studio: Studio, web: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """Ask one web host. Raises: OSError when it does not answer."""
    return ask(f"http://{studio.network.hosts[web]}:{WEB_PORT}{path}", method, body, {**BY_PROXY, **(headers or {})})


def send_to_any(studio: Studio, first: str, *asked: Any) -> Answer:
    """Ask a web host, and the next one where it does not answer; the balancer's host alone, which does that itself."""
    hosts = [first, *(web for web in WEBS if first in WEBS and web != first)]
    for web in hosts[:-1]:
        try:
            return send(studio, web, *asked)
        except OSError:
            continue
    return send(studio, hosts[-1], *asked)


def ask(url: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Send one request over a connection of its own. Raises: OSError when nobody answers."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=_CONNECT_SECONDS)
    try:
        connection.connect()
        assert connection.sock is not None
        connection.sock.settimeout(_ANSWER_SECONDS)
        target = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    except http.client.HTTPException as error:
        raise OSError(repr(error)) from error
    finally:
        connection.close()


def follow(studio: Studio, host: str, run: str, headers: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Yield the events of a run's stream as they come: id, name, data. An answer that is no stream is one event."""
    path = f"/v1/diffusions/{run}/events"
    connection = http.client.HTTPConnection(studio.network.hosts[host], WEB_PORT, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path, headers={**BY_PROXY, **headers})
        response = connection.getresponse()
        if response.status != 200:
            yield "", str(response.status), response.read().decode()
            return
        said: dict[str, str] = {}
        for line in iter(response.readline, b""):
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                said[name] = value
            elif "event" in said:
                yield said["id"], said["event"], json.loads(said["data"])
                said = {}
    finally:
        connection.close()


@dataclass
class Browser:
    """Somebody's cookies."""

    studio: Studio
    email: str = field(default_factory=lambda: f"{uuid.uuid4().hex}@example.com")
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, web: str, path: str) -> Answer:
        return self._send(web, "GET", path)

    def post(self, web: str, path: str, form: dict[str, Any], *, page: str | None = None, htmx: bool = False) -> Answer:
        """Fill in the form that stands on `page` (by default, at the path itself) and send it off."""
        body = urllib.parse.urlencode({**form, **self._token(web, page or path)}, doseq=True).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{NAME}{path}"}
        return self._send(web, "POST", path, body, {**headers, **({"HX-Request": "true"} if htmx else {})})

    def bring(self, web: str, file: bytes, kind: str) -> str:
        """Bring a picture or a mask along; returns how the editor's form names it."""
        parts = [
            f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"kind": kind, **self._token(web, "/edit/")}.items()
        ]
        head = 'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png'
        body = b"".join([*parts, f"--part\r\n{head}\r\n\r\n".encode(), file, b"\r\n--part--\r\n"])
        headers = {"Content-Type": "multipart/form-data; boundary=part", "Referer": f"https://{NAME}/edit/"}
        answer = self._send(web, "POST", "/uploads/", body, headers)
        assert answer.status == 201, answer.text
        return str(answer.json["ref"])

    def sign_up(self, web: str, other: str) -> None:
        """Make an account at one host, and confirm its address with the mail's code at another."""
        answer = self.post(web, "/accounts/signup/", {"email": self.email, "password1": PASSWORD})
        assert answer.status == 302, answer.text[:3000]
        mail = next(mail for mail in reversed(self.studio.mails()) if self.email in mail)
        code = _CODE.search(mail)
        assert code, mail
        answer = self.post(other, "/accounts/confirm-email/", {"code": code[1]})
        assert answer.status == 302, answer.text[:3000]

    def log_in(self, web: str, password: str = PASSWORD) -> Answer:
        return self.post(web, "/accounts/login/", {"login": self.email, "password": password})

    def generate(self, web: str) -> str:
        """Press the button; returns the run's id."""
        form = {
            "prompt": "a red fox",
            "model": "starter",
            "size": "128x128",
            "num_images": "1",
            "key": uuid.uuid4().hex,
        }
        form |= {"steps": "20", "guidance_scale": "4", "scheduler": "ddim", "seed": "7", "negative_prompt": ""}
        answer = self.post(web, "/create/runs/", form, page="/create/", htmx=True)
        run = _RUN.search(answer.text)
        assert answer.status == 200, answer.text[:3000]
        assert run, answer.text[:3000]
        return run[1]

    def make_key(self, web: str, name: str = "mine") -> str:
        """Make an API key on its page; returns its text."""
        form = {"name": name, "kind": "live", "scopes": ["generate", "read"]}
        answer = self.post(web, "/settings/api-keys/", form)
        assert answer.status == 200, answer.text[:3000]
        found = key_text.PATTERN.search(answer.text)
        assert found, answer.text
        return found[0]

    def _token(self, web: str, page: str) -> dict[str, str]:
        shown = self.get(web, page)
        token = _TOKEN.search(shown.text)
        assert token, (shown.status, shown.text[:2000])
        return {"csrfmiddlewaretoken": token[1]}

    def _send(
        self, web: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = send(self.studio, web, method, path, body, {"Cookie": cookie, **(headers or {})})
        for header in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        return answer


@dataclass(frozen=True)
class Program:
    """Somebody's code with a key."""

    studio: Studio
    key: str

    def post(self, web: str, idempotency_key: str = "", **body: Any) -> Answer:
        """Order pictures, of the one host or else the other."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._order(web, headers, **body)

    def post_and_wait(self, web: str, seconds: int) -> Answer:
        """Order a picture; the answer comes when it is there, or after so long."""
        return self._order(web, {"Prefer": f"wait={seconds}"})

    def get(self, web: str, path: str) -> Answer:
        return send_to_any(self.studio, web, "GET", f"/v1/{path}", None, self.headers)

    @property
    def headers(self) -> dict[str, str]:
        """What each of its requests says."""
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    def _order(self, web: str, headers: dict[str, str], **body: Any) -> Answer:
        sent = json.dumps({"prompt": "a red fox", "model": "starter", "width": 128, "height": 128, **body}).encode()
        return send_to_any(self.studio, web, "POST", "/v1/diffusions", sent, self.headers | headers)


def someone(studio: Studio) -> Browser:
    """Return somebody with an account, and credits for the API."""
    person = Browser(studio)
    person.sign_up("web1", other="web2")
    studio.manage("queue", "grant_credits", person.email, "10000", "--wallet", "api", "--reason", "for a test")
    return person
