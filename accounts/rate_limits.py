"""How fast somebody may ask: so many requests a window, filled up again steadily. Exact across processes.

A bucket is one number, the instant at which it would be empty again: each request moves it on by window / quota, and
is refused where that would take it further than one window from now (the generic cell rate algorithm). On Redis a
script moves all buckets of a request at once; on the embedded default one statement does. A request that one bucket
refuses takes nothing from the others.
Source: ITU-T I.371, annex A.
"""

import functools
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F

from accounts.compiled import fetch
from accounts.models import RateBucket

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
_SECOND = 1_000_000  # microseconds: the unit of every instant here
_REDIS_TIMEOUT_SECONDS = 0.5


@dataclass(frozen=True)
class Rate:
    """`quota` requests a window for `subject` (an id); `name` is what the headers call the policy."""

    name: str
    subject: str
    quota: int

    @property
    def bucket(self) -> str:
        """Where it is kept."""
        return f"{self.name}:{self.subject}"

    @property
    def step(self) -> int:
        """By how many microseconds one request moves the bucket on."""
        return WINDOW_SECONDS * _SECOND // self.quota


@dataclass(frozen=True)
class Standing:
    """Where one rate stands after a request. `wait_seconds` is 0 for a rate that let it pass."""

    rate: Rate
    remaining: int
    wait_seconds: float
    full_in_seconds: float


def take(rates: Sequence[Rate]) -> list[Standing]:
    """Take one request from every rate, or from none where one of them refuses (its `wait_seconds` is not 0)."""
    now = time.time_ns() // 1000
    ordered = sorted(rates, key=lambda rate: rate.bucket)  # one order for everybody: no two lock crosswise
    if settings.REDIS_URL:
        instants = _take_on_redis(ordered, now)
    else:
        instants = _take_in_database(ordered, now)
    return [_standing(rate, instants[rate.bucket], now) for rate in rates]


@dataclass(frozen=True)
class _Instant:
    empty_at: int
    is_refused: bool


def _standing(rate: Rate, instant: _Instant, now: int) -> Standing:
    ahead = max(0, instant.empty_at - now)
    free = WINDOW_SECONDS * _SECOND - ahead
    wait = (rate.step - free) / _SECOND if instant.is_refused else 0.0
    return Standing(rate, max(0, free // rate.step), wait, ahead / _SECOND)


# --- the database ---------------------------------------------------------------------------------------

# excluded.empty_at - now is the step: the row is inserted as one request after now.
_FROM = "CASE WHEN b.empty_at > %s THEN b.empty_at ELSE %s END + (excluded.empty_at - %s)"


def _take_in_database(rates: Sequence[Rate], now: int) -> dict[str, _Instant]:
    """One statement takes from every bucket that has room; only after a refusal others follow."""
    table = connection.ops.quote_name(RateBucket._meta.db_table)
    rows = ", ".join(["(%s, %s)"] * len(rates))
    statement = (
        f"INSERT INTO {table} AS b (name, empty_at) VALUES {rows} ON CONFLICT (name) DO UPDATE SET empty_at = {_FROM} "  # noqa: S608 (no value in it)
        f"WHERE {_FROM} <= %s RETURNING name, empty_at"
    )
    values = [value for rate in rates for value in (rate.bucket, now + rate.step)]
    taken: dict[str, int] = dict(fetch(statement, [*values, *[now] * 6, now + WINDOW_SECONDS * _SECOND]))
    if len(taken) == len(rates):
        return {name: _Instant(empty_at, is_refused=False) for name, empty_at in taken.items()}
    return _give_back(rates, taken)


def _give_back(rates: Sequence[Rate], taken: dict[str, int]) -> dict[str, _Instant]:
    """Undo what the other buckets gave for a request that one of them refused."""
    for rate in rates:
        if rate.bucket in taken:
            RateBucket.objects.filter(name=rate.bucket).update(empty_at=F("empty_at") - rate.step)
    names = [rate.bucket for rate in rates]
    instants = dict(RateBucket.objects.filter(name__in=names).values_list("name", "empty_at"))
    return {name: _Instant(instants[name], is_refused=name not in taken) for name in names}


# --- Redis ----------------------------------------------------------------------------------------------

# Instants go to and fro as text: Redis would cut a number off after 14 digits.
_SCRIPT = """
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local answer, moved, refused = {}, {}, false
for i, name in ipairs(KEYS) do
  local step = tonumber(ARGV[2 + i])
  local from = math.max(tonumber(redis.call('GET', name) or '0'), now)
  moved[i] = from + step
  local over = moved[i] > now + window
  refused = refused or over
  answer[2 * i - 1], answer[2 * i] = string.format('%.0f', from), over and 1 or 0
end
if not refused then
  for i, name in ipairs(KEYS) do
    local text = string.format('%.0f', moved[i])
    redis.call('SET', name, text, 'PX', math.ceil((moved[i] - now) / 1000))
    answer[2 * i - 1] = text
  end
end
return answer
"""


def _take_on_redis(rates: Sequence[Rate], now: int) -> dict[str, _Instant]:
    """Take from every bucket at once. A Redis that does not answer lets the request pass: no sale stops for it."""
    client, script = _redis(settings.REDIS_URL)
    keys = [f"rate:{rate.bucket}" for rate in rates]
    arguments = [now, WINDOW_SECONDS * _SECOND, *(rate.step for rate in rates)]
    try:
        answer = script(keys=keys, args=arguments, client=client)
    except redis.RedisError:
        logger.exception("rate limits are off: Redis does not answer")
        return {rate.bucket: _Instant(now, is_refused=False) for rate in rates}
    pairs = zip(answer[::2], answer[1::2], strict=True)
    return {
        rate.bucket: _Instant(int(empty_at), is_refused=bool(over))
        for rate, (empty_at, over) in zip(rates, pairs, strict=True)
    }


@functools.cache
def _redis(url: str) -> tuple["redis.Redis", "redis.commands.core.Script"]:
    timeout = _REDIS_TIMEOUT_SECONDS
    client = redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
    return client, client.register_script(_SCRIPT)


def whole_seconds(seconds: float) -> int:
    """Return seconds as the headers have them: rounded up."""
    return math.ceil(seconds)
