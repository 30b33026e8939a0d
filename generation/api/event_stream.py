"""The events process: `GET /v1/diffusions/{id}/events` as server-sent events. A small ASGI application of its own.

Two events: `status` with the run as `GET /v1/diffusions/{id}` gives it, first of all and whenever it changes;
`progress` with the steps in between. The stream ends with the run. An event's id names the state, so whoever comes
back with Last-Event-ID gets what differs from it; a run that has ended since is told, and one whose end was told
already is answered with 204, which tells a browser's EventSource to come no more.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from io import BytesIO
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import HttpResponse, JsonResponse
from rest_framework.response import Response

from generation.api import request_ids
from generation.api.event_admission import Admission, Admitted
from generation.api.event_hub import Bell, Hub, State, Watch
from generation.api.problems import CONTENT_TYPE, Problem, not_found, problem

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PATH = re.compile(r"(?:/v1)?/diffusions/([^/]{1,64})/events")
# A line that says nothing, so that no proxy takes the stream for dead.
HEARTBEAT_SECONDS = 15.0
# After so long the caller comes again, and is asked for a key that is still good.
STREAM_SECONDS = 900.0
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_RETRY = b"retry: 2000\n\n"


class EventStream:
    """The application, and all streams it keeps open."""

    def __init__(self) -> None:
        self.hub = Hub()
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            with request_ids.named(_header(scope, request_ids.HEADER)) as request_id:
                await self._answer(scope, receive, _naming(send, request_id))

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._looking = asyncio.create_task(self.hub.run())
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._looking:
                    self._looking.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"])
        if scope["path"] == "/healthz":
            await _send_whole(send, HttpResponse("ok", content_type="text/plain"))
        elif match is None or scope["method"] != "GET":
            await _send_whole(send, _refusal(not_found()))
        elif self.hub.streams >= settings.EVENTS_STREAMS_MAX:
            words = "Too many event streams are open here. Try again soon, or poll."
            await _send_whole(send, _refusal(problem(503, "too_many_streams", words, headers={"Retry-After": "5"})))
        else:
            await self._admit(match[1], scope, receive, send)

    async def _admit(self, diffusion_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        response = await sync_to_async(_ask)(scope, diffusion_id)
        if not isinstance(response, Admitted):
            await _send_whole(send, response)
            return
        most = settings.EVENTS_STREAMS_A_PERSON
        if self.hub.streams_of[response.user.pk] >= most:
            words = f"{most} event streams of yours are open, which is the most. Close one, or poll."
            await _send_whole(send, _refusal(problem(429, "too_many_streams", words, headers={"Retry-After": "5"})))
            return
        watch, bell = self.hub.join(response.job_id, response.user, response.state, response.way)
        try:
            await _stream(watch, bell, _header(scope, "Last-Event-ID")[:64], receive, send)
        finally:
            self.hub.leave(watch, bell)


async def _stream(watch: Watch, bell: Bell, last_id: str, receive: Receive, send: Send) -> None:
    seen = last_id
    if watch.state.is_over and seen == watch.state.version:
        await _send_whole(send, HttpResponse(status=204))
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _RETRY, "more_body": True})
    hung_up = asyncio.create_task(_until_hung_up(receive))
    try:
        ends_at = asyncio.get_running_loop().time() + STREAM_SECONDS
        while not hung_up.done() and asyncio.get_running_loop().time() < ends_at:
            bell.clear()
            if bell.has_key_ended:
                break
            state = watch.state
            for event_id, text in news(state, seen):
                seen = event_id
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if state.is_over:
                break
            if not await _rings(bell, hung_up):
                await send({"type": "http.response.body", "body": b": still here\n\n", "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        hung_up.cancel()


def news(state: State, seen: str) -> Iterable[tuple[str, str]]:
    """Yield what differs from the state with the id `seen`: the event's id, and its text."""
    now = f"{state.version}.{state.step}"
    if state.is_gone or seen == now or (state.is_over and seen == state.version):
        return
    if ".".join(seen.split(".")[:3]) != state.version:
        # A step of 0 is no news after it.
        event_id = state.version if state.is_over or not state.step else now
        yield event_id, _event("status", event_id, state.document)
    elif state.step:
        yield now, _event("progress", now, {"id": state.document["id"], "progress": state.document["progress"]})


def _event(name: str, event_id: str, data: dict[str, Any]) -> str:
    return f"id: {event_id}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _rings(bell: asyncio.Event, hung_up: "asyncio.Task[None]") -> bool:
    """Wait for the bell or the end of the line; False when neither came for as long as a line may be silent."""
    ringing = asyncio.create_task(bell.wait())
    done, _ = await asyncio.wait({ringing, hung_up}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    ringing.cancel()
    return bool(done)


async def _until_hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _ask(scope: Scope, diffusion_id: str) -> Response:
    """Let the API's own door decide; its answer is complete."""
    close_old_connections()
    response = Admission.as_view()(ASGIRequest(dict(scope), BytesIO()), diffusion_id=diffusion_id)
    assert isinstance(response, Response)
    if not isinstance(response, Admitted):
        response.render()
    return response


def _header(scope: Scope, wanted: str) -> str:
    for name, value in scope["headers"]:
        if name == wanted.lower().encode():
            with suppress(UnicodeDecodeError):
                return str(value.decode())
    return ""


def _naming(send: Send, request_id: str) -> Send:
    """Return a `send` that gives the answer the request's id."""

    async def send_named(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            more = (request_ids.HEADER.lower().encode(), request_id.encode())
            message = {**message, "headers": [*message["headers"], more]}
        await send(message)

    return send_named


def _refusal(refused: Problem) -> HttpResponse:
    return JsonResponse(
        refused.document, status=refused.status_code, headers=dict(refused.headers), content_type=CONTENT_TYPE
    )


async def _send_whole(send: Send, response: HttpResponse | Response) -> None:
    body = response.content
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


application = EventStream()
