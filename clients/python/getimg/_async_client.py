"""The client for asyncio. `_client.py`, the one that blocks, is written from this file by `write_sync.py`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
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


class AsyncClient:
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
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        key, self._base_url = _wire.configured(api_key, base_url)
        self._timeout = timeout_seconds
        self._retries = retries
        self._headers = {"Authorization": f"Bearer {key}"}
        self._http = http_client or httpx.AsyncClient()
        self.diffusions = AsyncDiffusions(self)
        self.files = AsyncFiles(self)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def models(self) -> list[Model]:
        """Return the models with their limits, defaults and prices."""
        answer = await self.call(Call("GET", "/v1/models"))
        models: list[Model] = answer["models"]
        return models

    async def account(self) -> Account:
        """Return the balance and the key's limits."""
        account: Account = await self.call(Call("GET", "/v1/account"))
        return account

    async def usage(
        self, *, since: date | str | None = None, until: date | str | None = None, group_by: Sequence[str] = ("day",)
    ) -> Usage:
        """Return what was made and spent. since, until: days (UTC), both included; by default the last 30.

        group_by: one line for each of these: "day", "model", "key".
        """
        query = _wire.days(since, until) | {"groupBy": group_by if isinstance(group_by, str) else ",".join(group_by)}
        usage: Usage = await self.call(Call("GET", "/v1/usage", query=query))
        return usage

    async def call(self, call: Call) -> Any:
        """Send any request, with retries. Raises: APIError, ConnectionFailed."""
        for attempt in range(self._retries + 1):
            response, error = await self._send(call)
            delay = _wire.delay_before_retry(call, response, attempt)
            if response is not None and (delay is None or attempt == self._retries):
                return _wire.read(response)
            if attempt == self._retries:
                raise ConnectionFailed(str(error)) from error
            await asyncio.sleep(delay or 0.0)
        raise AssertionError

    async def pages(self, path: str, query: Mapping[str, str]) -> AsyncIterator[Any]:
        """Yield what each page of a list holds. Raises: APIError, ConnectionFailed."""
        params: Mapping[str, str] = _wire.camel(query)
        while True:
            page = await self.call(Call("GET", path, query=params))
            yield page["data"]
            after = page.get("next")
            if not after:
                return
            params = {**params, "after": after}

    async def _send(self, call: Call) -> tuple[httpx.Response | None, httpx.TransportError | None]:
        try:
            response = await self._http.request(
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


class AsyncDiffusion(Described):
    """A diffusion and the way to look at it again."""

    def __init__(self, client: AsyncClient, facts: DiffusionFacts) -> None:
        self._client = client
        self.facts = facts

    def __repr__(self) -> str:
        return f"<AsyncDiffusion {self.facts.id} {self.facts.status}>"

    async def refresh(self) -> AsyncDiffusion:
        """Look again."""
        self.facts = diffusion_from(await self._client.call(Call("GET", f"/v1/diffusions/{self.facts.id}")))
        return self

    async def wait(self, seconds: float = 600.0, *, poll_seconds: float = 1.0) -> AsyncDiffusion:
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
            asked_for = await self._look(left)
            if self.facts.is_over or (not asked_for and time.monotonic() - began >= poll_seconds):
                pause = poll_seconds
                continue
            await asyncio.sleep(min(max(pause, asked_for), max(0.0, until - time.monotonic())))
            pause = _wire.longer(pause)
        return self

    async def cancel(self) -> AsyncDiffusion:
        """End it; pictures that are there stay and are charged."""
        self.facts = diffusion_from(await self._client.call(Call("POST", f"/v1/diffusions/{self.facts.id}/cancel", {})))
        return self

    async def delete(self) -> None:
        """Delete it with its pictures."""
        await self._client.call(Call("DELETE", f"/v1/diffusions/{self.facts.id}"))

    async def _look(self, seconds: float) -> float:
        """Look again, for so long at most; returns for how many seconds a 429 asks, 0 where none came."""
        try:
            raw = await self._client.call(_wire.waiting(f"/v1/diffusions/{self.facts.id}", seconds))
        except RateLimited as refused:
            return _wire.pause_after(refused)
        self.facts = diffusion_from(raw)
        return 0.0


class AsyncDiffusions:
    """Everything under /v1/diffusions."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        prompt: str | None = None,
        idempotency_key: str | None = None,
        start_within: str | None = None,
        **fields: Unpack[DiffusionFields],
    ) -> AsyncDiffusion:
        """Ask for pictures. Fields are the API's in snake_case: model, num_images, width, height, steps, seed, ref …

        start_within: cancel it where it has not been started by then: "90s", "5m", "2h".
        """
        body = _wire.camel({"prompt": prompt, **fields})
        headers = {"Cancel-After": start_within} if start_within else {}
        raw = await self._client.call(_wire.creation("/v1/diffusions", body, idempotency_key, **headers))
        return AsyncDiffusion(self._client, diffusion_from(raw))

    async def get(self, id: str) -> AsyncDiffusion:
        """Return one. Raises: NotFound."""
        raw = await self._client.call(Call("GET", f"/v1/diffusions/{id}"))
        return AsyncDiffusion(self._client, diffusion_from(raw))

    async def quote(self, *, prompt: str | None = None, **fields: Unpack[DiffusionFields]) -> Quote:
        """Return the price with its terms; its `quoteId`, passed as `quote_id` to `create`, binds it."""
        body = _wire.camel({"prompt": prompt, **fields})
        quote: Quote = await self._client.call(Call("POST", "/v1/diffusions/quote", body))
        return quote

    async def list(self, **query: str) -> AsyncIterator[AsyncDiffusion]:
        """Yield all, newest first, page after page."""
        async for page in self._client.pages("/v1/diffusions", query):
            for raw in page:
                yield AsyncDiffusion(self._client, diffusion_from(raw))


class AsyncFiles:
    """Pictures that requests begin from, under /v1/files: sent once, named by their `id` as often as needed."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def upload(self, content: bytes, *, name: str = "picture", kind: str | None = None) -> File:
        """Send a PNG, JPEG or WebP; the same again is answered with the first's id. kind: "picture" or "mask"."""
        call = Call("POST", "/v1/files", file=(name, content), form={"kind": kind} if kind else None)
        file: File = await self._client.call(call)
        return file

    async def list(self, **query: str) -> AsyncIterator[File]:
        """Yield all, newest first, page after page: what came along with a request is among them."""
        async for page in self._client.pages("/v1/files", query):
            for raw in page:
                file: File = raw
                yield file

    async def get(self, id: str) -> File:
        """Return one, with a link that works for a while. Raises: NotFound."""
        file: File = await self._client.call(Call("GET", f"/v1/files/{id}"))
        return file

    async def delete(self, id: str) -> None:
        """Delete it; what was made from it stays."""
        await self._client.call(Call("DELETE", f"/v1/files/{id}"))
