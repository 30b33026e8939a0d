"""The client that blocks. Written from `_async_client.py` by `write_sync.py`: change that one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from getimg import _wire
from getimg._errors import ConnectionFailed, RateLimited, WaitTimeout
from getimg._facts import Described, DiffusionFacts, diffusion_from
from getimg._types import Account, DiffusionFields, File, Model, Quote, Usage
from getimg._wire import Call

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Client:
    """A connection to the API; keep one and use it for everything.

    api_key, base_url: default to GETIMG_API_KEY and GETIMG_BASE_URL. retries: after a lost connection, a 429 or a 5xx.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout_seconds: float = _wire.DEFAULT_TIMEOUT_SECONDS,
        retries: int = _wire.DEFAULT_RETRIES,
        http_client: httpx.Client | None = None,
    ) -> None:
        key, self._base_url = _wire.configured(api_key, base_url)
        self._timeout = timeout_seconds
        self._retries = retries
        self._headers = {"Authorization": f"Bearer {key}"}
        self._http = http_client or httpx.Client()
        self.diffusions = Diffusions(self)
        self.files = Files(self)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def models(self) -> list[Model]:
        """Return the models with their limits, defaults and prices."""
        answer = self.call(Call("GET", "/v1/models"))
        models: list[Model] = answer["models"]
        return models

    def account(self) -> Account:
        """Return the balance and the key's limits."""
        account: Account = self.call(Call("GET", "/v1/account"))
        return account

    def usage(
        self, *, since: date | str | None = None, until: date | str | None = None, group_by: Sequence[str] = ("day",)
    ) -> Usage:
        """Return what was made and spent. since, until: days (UTC), both included; by default the last 30.

        group_by: one line for each of these: "day", "model", "key".
        """
        query = _wire.days(since, until) | {"groupBy": group_by if isinstance(group_by, str) else ",".join(group_by)}
        usage: Usage = self.call(Call("GET", "/v1/usage", query=query))
        return usage

    def call(self, call: Call) -> Any:
        """Send any request, with retries. Raises: APIError, ConnectionFailed."""
        for attempt in range(self._retries + 1):
            response, error = self._send(call)
            delay = _wire.delay_before_retry(call, response, attempt)
            if response is not None and (delay is None or attempt == self._retries):
                return _wire.read(response)
            if attempt == self._retries:
                raise ConnectionFailed(str(error)) from error
            time.sleep(delay or 0.0)
        raise AssertionError

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[Any]:
        """Yield what each page of a list holds. Raises: APIError, ConnectionFailed."""
        params: Mapping[str, str] = _wire.camel(query)
        while True:
            page = self.call(Call("GET", path, query=params))
            yield page["data"]
            after = page.get("next")
            if not after:
                return
            params = {**params, "after": after}

    def _send(self, call: Call) -> tuple[httpx.Response | None, httpx.TransportError | None]:
        try:
            response = self._http.request(
                call.method,
                f"{self._base_url}{call.path}",
                json=call.body,
                files={"file": call.file} if call.file else None,
                data=call.form,
                params=call.query,
                headers={**self._headers, **call.headers},
                timeout=self._timeout + call.extra_seconds,
            )
        except httpx.TransportError as error:
            return None, error
        return response, None


class Diffusion(Described):
    """A diffusion and the way to look at it again."""

    def __init__(self, client: Client, facts: DiffusionFacts) -> None:
        self._client = client
        self.facts = facts

    def __repr__(self) -> str:
        return f"<Diffusion {self.facts.id} {self.facts.status}>"

    def refresh(self) -> Diffusion:
        """Look again."""
        self.facts = diffusion_from(self._client.call(Call("GET", f"/v1/diffusions/{self.facts.id}")))
        return self

    def wait(self, seconds: float = 600.0, *, poll_seconds: float = 1.0) -> Diffusion:
        """Return when it is over, well or not. Raises: WaitTimeout, and what a look raises but for a short 429.

        poll_seconds: the first pause after a look that the API answers at once, because too many wait; each next one
        is twice as long, up to 8 seconds.
        """
        until = time.monotonic() + seconds
        pause = poll_seconds
        while not self.is_over:
            left = until - time.monotonic()
            if left <= 0:
                raise WaitTimeout(self.facts.id, seconds)
            began = time.monotonic()
            asked_for = self._look(left)
            if self.facts.is_over or (not asked_for and time.monotonic() - began >= poll_seconds):
                pause = poll_seconds
                continue
            time.sleep(min(max(pause, asked_for), max(0.0, until - time.monotonic())))
            pause = _wire.longer(pause)
        return self

    def cancel(self) -> Diffusion:
        """End it; pictures that are there stay and are charged."""
        self.facts = diffusion_from(self._client.call(Call("POST", f"/v1/diffusions/{self.facts.id}/cancel", {})))
        return self

    def delete(self) -> None:
        """Delete it with its pictures."""
        self._client.call(Call("DELETE", f"/v1/diffusions/{self.facts.id}"))

    def _look(self, seconds: float) -> float:
        """Look again, for so long at most; returns for how many seconds a 429 asks, 0 where none came."""
        try:
            raw = self._client.call(_wire.waiting(f"/v1/diffusions/{self.facts.id}", seconds))
        except RateLimited as refused:
            return _wire.pause_after(refused)
        self.facts = diffusion_from(raw)
        return 0.0


class Diffusions:
    """Everything under /v1/diffusions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(
        self,
        *,
        prompt: str | None = None,
        idempotency_key: str | None = None,
        start_within: str | None = None,
        **fields: Unpack[DiffusionFields],
    ) -> Diffusion:
        """Ask for pictures. Fields are the API's in snake_case: model, num_images, width, height, steps, seed, ref …

        start_within: cancel it where it has not been started by then: "90s", "5m", "2h".
        """
        body = _wire.camel({"prompt": prompt, **fields})
        headers = {"Cancel-After": start_within} if start_within else {}
        raw = self._client.call(_wire.creation("/v1/diffusions", body, idempotency_key, **headers))
        return Diffusion(self._client, diffusion_from(raw))

    def get(self, id: str) -> Diffusion:
        """Return one. Raises: NotFound."""
        raw = self._client.call(Call("GET", f"/v1/diffusions/{id}"))
        return Diffusion(self._client, diffusion_from(raw))

    def quote(self, *, prompt: str | None = None, **fields: Unpack[DiffusionFields]) -> Quote:
        """Return the price with its terms; its `quoteId`, passed as `quote_id` to `create`, binds it."""
        body = _wire.camel({"prompt": prompt, **fields})
        quote: Quote = self._client.call(Call("POST", "/v1/diffusions/quote", body))
        return quote

    def list(self, **query: str) -> Iterator[Diffusion]:
        """Yield all, newest first, page after page."""
        for page in self._client.pages("/v1/diffusions", query):
            for raw in page:
                yield Diffusion(self._client, diffusion_from(raw))


class Files:
    """Pictures that requests begin from, under /v1/files: sent once, named by their `id` as often as needed."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def upload(self, content: bytes, *, name: str = "picture", kind: str | None = None) -> File:
        """Send a PNG, JPEG or WebP; the same again is answered with the first's id. kind: "picture" or "mask"."""
        call = Call("POST", "/v1/files", file=(name, content), form={"kind": kind} if kind else None)
        file: File = self._client.call(call)
        return file

    def list(self, **query: str) -> Iterator[File]:
        """Yield all, newest first, page after page: what came along with a request is among them."""
        for page in self._client.pages("/v1/files", query):
            for raw in page:
                file: File = raw
                yield file

    def get(self, id: str) -> File:
        """Return one, with a link that works for a while. Raises: NotFound."""
        file: File = self._client.call(Call("GET", f"/v1/files/{id}"))
        return file

    def delete(self, id: str) -> None:
        """Delete it; what was made from it stays."""
        self._client.call(Call("DELETE", f"/v1/files/{id}"))
