"""Google's and GitHub's sign-in as a site meets them: servers on 127.0.0.1 that speak OAuth 2.0 and ask a person.

They hold a site to the protocol as the real ones do: its client and secret, its one way back, codes that are good once,
the proof of who asked (PKCE), scopes. Sources: developers.google.com/identity/protocols/oauth2/web-server and
docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps.
"""

import base64
import hashlib
import html
import json
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID = "a-site-of-tests"
CLIENT_SECRET = "what-only-the-site-knows"
CODE_SECONDS = 60


class Trouble(StrEnum):
    """What is wrong with a server of theirs."""

    NONE = ""
    ERROR = "error"  # it sends people back with an error
    TOKENS = "tokens"  # it gives out no tokens
    DOWN = "down"  # what tells who somebody is answers with an error page


@dataclass(frozen=True)
class Person:
    """Somebody with an account there."""

    uid: int
    name: str
    email: str
    is_verified: bool = True
    others: tuple[str, ...] = ()  # addresses beside the main one that nobody has proved


@dataclass(frozen=True)
class Grant:
    """What somebody has allowed: to whom, by which way back, how far."""

    person: Person
    redirect_uri: str
    challenge: str
    scopes: frozenset[str]
    made_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Answer:
    """What goes back to a browser or a site."""

    body: str
    kind: str = "application/json; charset=utf-8"
    status: int = 200
    location: str = ""


class Voucher(ABC):
    """One of the two: who has an account there, what it allowed, what is wrong with it."""

    title: str
    authorize_path: str
    token_path: str

    def __init__(self, callback: str) -> None:
        self.callback = callback
        self.people: list[Person] = []
        self.trouble = Trouble.NONE
        self.asked: list[dict[str, str]] = []
        self.url = ""
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}

    def get(self, path: str, query: dict[str, str], headers: Any) -> Answer:
        """Answer a page or a question of who somebody is."""
        if path == self.authorize_path:
            return self._consent(query)
        if self.trouble is Trouble.DOWN:
            return Answer("<h1>502</h1>", "text/html", 502)
        _, _, token = headers.get("Authorization", "").partition(" ")
        grant = self._tokens.get(token)
        return self._who(path, grant) if grant else Answer('{"message": "Bad credentials"}', status=401)

    def post(self, path: str, form: dict[str, str], headers: Any) -> Answer:
        """Answer a press on the page, or a site that brings a code."""
        if path == self.authorize_path:
            return self._lead_back(form)
        return self._token(form, headers) if path == self.token_path else _nothing()

    @abstractmethod
    def _token_facts(self, grant: Grant, token: str) -> dict[str, Any]: ...

    @abstractmethod
    def _tokens_answer(self, facts: dict[str, Any], headers: Any) -> Answer: ...

    @abstractmethod
    def _who(self, path: str, grant: Grant) -> Answer: ...

    def _consent(self, query: dict[str, str]) -> Answer:
        """Ask who they are, and whether the site may know."""
        self.asked.append(query)
        if wrong := self._fault_of(query):
            return Answer(f"<h1>{self.title}: {wrong}</h1>", "text/html; charset=utf-8", 400)
        hidden = html.escape(urlencode(query))
        buttons = "".join(f'<button name="who" value="{person.uid}">{person.email}</button>' for person in self.people)
        page = (
            f"<!doctype html><meta name=viewport content='width=device-width'><title>{self.title}</title>"
            f'<h1>{self.title}</h1><form method="post"><input type="hidden" name="asked" value="{hidden}">'
            f'{buttons}<button name="who" value="">Cancel</button></form>'
        )
        return Answer(page, "text/html; charset=utf-8")

    def _fault_of(self, query: dict[str, str]) -> str:
        """Return what is wrong with an asking; who asks so is not led back."""
        if query.get("client_id") != CLIENT_ID:
            return "invalid_client"
        if query.get("redirect_uri") != self.callback:
            return "redirect_uri_mismatch"
        is_proved = query.get("code_challenge_method") == "S256" and query.get("code_challenge")
        return "" if query.get("response_type") == "code" and is_proved else "invalid_request"

    def _lead_back(self, form: dict[str, str]) -> Answer:
        query = dict(parse_qsl(form["asked"]))
        person = next((one for one in self.people if str(one.uid) == form.get("who")), None)
        if self.trouble is Trouble.ERROR:
            facts = {"error": "temporarily_unavailable"}
        elif person is None:
            facts = {"error": "access_denied"}
        else:
            scopes = frozenset(query.get("scope", "").split())
            facts = {"code": secrets.token_urlsafe(16)}
            self._codes[facts["code"]] = Grant(person, query["redirect_uri"], query["code_challenge"], scopes)
        back = f"{query['redirect_uri']}?{urlencode({**facts, 'state': query.get('state', '')})}"
        return Answer("", status=302, location=back)

    def _token(self, form: dict[str, str], headers: Any) -> Answer:
        grant = self._codes.pop(form.get("code", ""), None)
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            return self._refusal("invalid_client")
        if self.trouble is Trouble.TOKENS or grant is None or time.monotonic() - grant.made_at > CODE_SECONDS:
            return self._refusal("invalid_grant")
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if form.get("redirect_uri") != grant.redirect_uri or proof.rstrip(b"=").decode() != grant.challenge:
            return self._refusal("invalid_grant")
        token = secrets.token_urlsafe(24)
        self._tokens[token] = grant
        return self._tokens_answer(self._token_facts(grant, token), headers)

    @abstractmethod
    def _refusal(self, error: str) -> Answer: ...


class Google(Voucher):
    """Says who somebody is in a signed token beside the first."""

    title = "Sign in with Google"
    authorize_path = "/o/oauth2/v2/auth"
    token_path = "/token"
    issuer = "https://accounts.google.com"
    _key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def settings(self) -> dict[str, str]:
        """Return what allauth is told of where Google is."""
        return {
            "AUTHORIZE_URL": f"{self.url}{self.authorize_path}",
            "ACCESS_TOKEN_URL": f"{self.url}{self.token_path}",
            "IDENTITY_URL": f"{self.url}/oauth2/v2/userinfo",
            "CERTS_URL": f"{self.url}/oauth2/v1/certs",
        }

    def _token_facts(self, grant: Grant, token: str) -> dict[str, Any]:
        half = hashlib.sha256(token.encode()).digest()[:16]
        now = datetime.now(UTC)
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT_ID, "azp": CLIENT_ID, "sub": str(grant.person.uid)}
        claims |= {"iat": now, "exp": now + timedelta(hours=1)}
        claims["at_hash"] = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
        if "email" in grant.scopes:
            claims |= {"email": grant.person.email, "email_verified": grant.person.is_verified}
        if "profile" in grant.scopes:
            claims |= {"name": grant.person.name, "given_name": grant.person.name.split()[0]}
        signed = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "a-key"})
        scope = " ".join(sorted(grant.scopes))
        return {"access_token": token, "expires_in": 3599, "scope": scope, "token_type": "Bearer", "id_token": signed}

    def _tokens_answer(self, facts: dict[str, Any], headers: Any) -> Answer:
        return Answer(json.dumps(facts))

    def _refusal(self, error: str) -> Answer:
        return Answer(json.dumps({"error": error}), status=401 if error == "invalid_client" else 400)

    def _who(self, path: str, grant: Grant) -> Answer:
        facts = {"id": str(grant.person.uid), "email": grant.person.email, "verified_email": grant.person.is_verified}
        return Answer(json.dumps(facts)) if path == "/oauth2/v2/userinfo" else _nothing()


class GitHub(Voucher):
    """Says who somebody is at its API; errors about tokens come with status 200."""

    title = "Sign in to GitHub"
    authorize_path = "/login/oauth/authorize"
    token_path = "/login/oauth/access_token"

    def settings(self) -> dict[str, str]:
        """Return what allauth is told of where GitHub is."""
        return {"GITHUB_URL": self.url}

    def _token_facts(self, grant: Grant, token: str) -> dict[str, Any]:
        return {"access_token": token, "scope": ",".join(sorted(grant.scopes)), "token_type": "bearer"}

    def _tokens_answer(self, facts: dict[str, Any], headers: Any) -> Answer:
        if "json" in headers.get("Accept", ""):
            return Answer(json.dumps(facts))
        return Answer(urlencode(facts), "application/x-www-form-urlencoded; charset=utf-8")

    def _refusal(self, error: str) -> Answer:
        names = {"invalid_client": "incorrect_client_credentials", "invalid_grant": "bad_verification_code"}
        return Answer(urlencode({"error": names[error]}), "application/x-www-form-urlencoded; charset=utf-8")

    def _who(self, path: str, grant: Grant) -> Answer:
        person = grant.person
        if path == "/api/v3/user":
            login = person.name.split()[0].lower()
            return Answer(json.dumps({"id": person.uid, "login": login, "name": person.name, "email": None}))
        if path == "/api/v3/user/emails" and "user:email" in grant.scopes:
            addresses = [{"email": email, "primary": False, "verified": False} for email in person.others]
            addresses.append({"email": person.email, "primary": True, "verified": person.is_verified})
            return Answer(json.dumps(addresses))
        return Answer('{"message": "Not Found"}', status=404)


@contextmanager
def served(voucher: Voucher) -> Iterator[None]:
    """Let it answer at `voucher.url`."""

    class Handler(_Handler):
        speaker = voucher

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        voucher.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    speaker: Voucher

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self._send(self.speaker.get(address.path, dict(parse_qsl(address.query)), self.headers))

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._send(self.speaker.post(urlsplit(self.path).path, dict(parse_qsl(form)), self.headers))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing of what was asked."""

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if answer.location:
            self.send_header("Location", answer.location)
        self.end_headers()
        self.wfile.write(body)


def _nothing() -> Answer:
    return Answer("{}", status=404)
