"""A program for tests: a key, and requests as its client sends them."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.test import Client

from accounts import api_keys
from accounts.models import ApiKey, User
from billing import ledger
from billing.models import CreditLot, Product
from generation.models import ModelAlias
from tests.factories import make_user

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

PROMPT = {"prompt": "Mountain village landscape, neo fauvist style", "model": "midjourney"}


@dataclass
class Program:
    """Somebody's code with a key."""

    user: User
    key: ApiKey
    text: str
    client: Client

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> "Answer":
        """GET /v1/<path>."""
        return self.client.get(f"/v1/{path}", query, headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> "Answer":
        """POST JSON (or bytes, as they are) to /v1/<path>, declared as `curl -d` does."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        form = "application/x-www-form-urlencoded"
        return self.client.post(f"/v1/{path}", raw, content_type=form, headers=self._headers(headers))

    def delete(self, path: str, **headers: str) -> "Answer":
        """DELETE /v1/<path>."""
        return self.client.delete(f"/v1/{path}", headers=self._headers(headers))

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.text}",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }


def make_program(credits: int = 100, *, user: User | None = None, is_test: bool = False, **facts: Any) -> Program:
    """Return a program whose account has so many API credits."""
    ModelAlias.objects.get_or_create(slug="midjourney", defaults={"target": "starter"})  # tests with threads flush it
    user = user or make_user()
    key, text = api_keys.create(user, "For a test", is_test=is_test, **facts)
    wallet = ledger.wallet_of(user, Product.API)
    if credits:
        ledger.grant(wallet, credits, source=CreditLot.Source.PURCHASE, key=f"test:{key.pk}", reason="For a test")
    return Program(user, key, text, Client())


def api_balance(user: User) -> int:
    """Return the API credits that a person can spend."""
    return ledger.available(ledger.wallet_of(user, Product.API))
