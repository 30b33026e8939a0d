"""(e) A library of 25,000 pictures among many of others' and among few: pages, search and filters through Django.

Two databases on one server hold the same person with the same pictures, a script's work; beside them lie few pictures
of other people in one and very many in the other. A process for each asks for pages in turn.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any

import psycopg

from benchmarks.children import Child
from benchmarks.comparison import Bound, Outcome, Spread, in_turn, percentile
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place
from tests import services

QUERIES_AT_MOST = 4
# A page of the site holds 40 pictures, so that 25,000 end with page 625: page 1,000 is counted in pages of 25, and
# begins behind the 24,975th picture. However many the library has, it is the last of these that is opened.
_PAGE = 25
_PATIENCE_SECONDS = 1800.0
_WORDS = (
    *("fox", "owl", "barn", "snow", "castle", "river", "lamp", "violin", "harbour", "meadow", "rocket", "teapot"),
    *("lion", "bridge", "forest", "piano", "mountain", "market", "tiger", "garden", "window", "island", "balloon"),
    *("train", "robot", "dragon", "desert", "candle", "whale", "tower", "cloud", "mirror"),
)

_PEOPLE = """
    INSERT INTO accounts_user
        (id, email, password, display_name, device, time_zone, is_active, is_staff, is_superuser, date_joined)
    SELECT (lpad(to_hex(1600000000000 + number), 12, '0') || '70008000' || lpad(to_hex(number), 12, '0'))::uuid,
        'person' || number || '@example.com', '', '', '', 'UTC', true, false, false, now()
    FROM generate_series(0, %(people)s) AS number
"""
# Person 0 is the one whose library is looked at; her pictures lie evenly among those of the others.
_NUMBERS = """
    CREATE TABLE bench_picture AS
    SELECT number, (lpad(to_hex(1700000000000 + number * 1000), 12, '0') || '70008000'
            || lpad(to_hex(number), 12, '0'))::uuid AS id,
        CASE WHEN is_hers THEN place ELSE number END AS place,
        (lpad(to_hex(1600000000000 + person), 12, '0') || '70008000' || lpad(to_hex(person), 12, '0'))::uuid AS user_id,
        'u' || right(lpad(to_hex(person), 12, '0'), 8) AS mark
    FROM (
        SELECT number, place, is_hers, CASE WHEN is_hers THEN 0 ELSE 1 + number %% %(people)s END AS person
        FROM (
            SELECT number, number * %(own)s / %(all)s AS place,
                number * %(own)s / %(all)s > (number - 1) * %(own)s / %(all)s AS is_hers
            FROM generate_series(1::bigint, %(all)s) AS number
        ) AS counted
    ) AS owned
"""
_JOBS = """
    INSERT INTO generation_job ({columns})
    SELECT {values} FROM (
        SELECT *, concat_ws(' ', {words}) AS prompt,
            CASE WHEN place %% 50 = 0 THEN 'upscale' ELSE 'text-to-image' END AS task
        FROM bench_picture
    ) AS picture
"""
_PROMPT = ", ".join(
    f"(%(words)s::text[])[1 + ((place * {step} + {step}) %% {len(_WORDS)})]" for step in (1, 7, 11, 13, 17)
)
_JOB_VALUES = {
    "id": "id",
    "user_id": "user_id",
    "submit_key": "id::text",
    "request_digest": "''",
    "product": "'site'",
    "is_test": "true",
    "ref": "''",
    "task": "task",
    "model": "'starter'",
    "served_by": "'starter'",
    "params": "jsonb_build_object('prompt', prompt, 'negative_prompt', '', 'seed', number)",
    "words": "'[]'::jsonb",
    "num_images": "1",
    "credits_per_image": "1",
    "pricing_version": "1",
    "batch_key": "''",
    "status": "'FINISHED'",
    "attempt": "1",
    "fruitful_attempt": "0",
    "claimed_by": "''",
    "images_stored": "1",
    "error_code": "''",
    "error_message": "''",
    "created_at": "to_timestamp(1700000000 + number)",
    "queued_at": "to_timestamp(1700000000 + number)",
    "started_at": "to_timestamp(1700000000 + number)",
    "finished_at": "to_timestamp(1700000000 + number)",
}
_IMAGES = """
    INSERT INTO generation_image (id, user_id, job_id, index, seed, words, width, height, file, thumbnail_320,
        thumbnail_640, placeholder, content_type, size_bytes, sha256, plan, licence, model_licence, is_test, created_at,
        is_favourite, rating, alt_text, pixels_sha256)
    SELECT id, user_id, id, 0, place, '[]', CASE WHEN place %% 3 = 0 THEN 160 ELSE 128 END, 128, 'pictures/' || id,
        'pictures/' || id || '/320', 'pictures/' || id || '/640', 'UklGRg==', 'image/png', 30000,
        md5(id::text) || md5(id::text), 'free', 'personal', '', true, to_timestamp(1700000000 + number),
        place %% 20 = 0, place %% 6, '', ''
    FROM bench_picture
"""
_TEXTS = """
    INSERT INTO generation_searchtext (image_id, user_id, words)
    SELECT picture.id, picture.user_id,
        (quote_literal(mark) || ':1 ' || (
            SELECT string_agg(quote_literal(mark || word) || ':' || place + 1, ' ')
            FROM regexp_split_to_table(job.params->>'prompt', ' ') WITH ORDINALITY AS said(word, place)
        ))::tsvector
    FROM bench_picture picture JOIN generation_job job ON job.id = picture.id
"""
_ADDRESSES = {
    "first page": ["/library/"],
    "page 1,000": [],  # known once the pictures are there
    "search": [
        "/library/?q=fox",
        "/library/?q=fox+snow",
        "/library/?q=%22owl+dragon%22",
        "/library/?q=zebra",
        "/library/?q=li",
    ],
    "filter": [
        "/library/?task=upscale",
        "/library/?rating=5&favourite=yes",
        "/library/?shape=wide&after=2023-11-20",
        "/library/?seed=12345",
        "/library/?q=fox&task=upscale",
    ],
}


@dataclass(frozen=True)
class Shelf:
    """How many pictures the person has, how many others have in the small database and in the large one."""

    own: int = 25_000
    few: int = 10_000
    many: int = 1_000_000
    samples: int = 40
    turns: int = 7


def measure(place: Place, shelf: Shelf) -> Outcome:
    """(e) p95 among many ÷ p95 among few, the worst of the four kinds of page. Raises: BenchmarkFailed."""
    with ExitStack() as stack:
        children: dict[str, Child] = {}
        addresses: dict[str, list[str]] = {}
        for side, others in (("site", shelf.many), ("bare", shelf.few)):
            url = stack.enter_context(services.postgres_database(place.database_url))
            own = replace(place, database_url=url)
            own.manage("migrate")
            with psycopg.connect(url, autocommit=True) as connection:
                deep = _populate(connection, shelf.own, others)
            environment = own.environment()
            log = place.log(f"library-{others}")
            children[side] = stack.enter_context(Child("benchmarks.browse_side", environment, log))
            children[side].hear(_PATIENCE_SECONDS)
            addresses[side] = [f"/library/?before={deep}"]
        turns: list[tuple[int, str, dict[str, list[float]]]] = [
            (pair, side, _take(children[side], {**_ADDRESSES, "page 1,000": addresses[side]}, shelf.samples))
            for pair, side in in_turn(shelf.turns)
        ]
    return _outcome(turns, shelf)


def _populate(connection: "psycopg.Connection[Any]", own: int, others: int) -> str:
    """Make the people and their pictures; returns the id before which the person's last `_PAGE` pictures lie."""
    people = max(1, others // 500)
    values = {"people": people, "own": own, "all": own + others, "words": list(_WORDS)}
    jobs = _JOBS.format(columns=", ".join(_JOB_VALUES), values=", ".join(_JOB_VALUES.values()), words=_PROMPT)
    for statement in (_PEOPLE, _NUMBERS, jobs, _IMAGES, _TEXTS):
        connection.execute(statement, values)
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
    row = connection.execute(
        "SELECT picture.id FROM bench_picture picture JOIN accounts_user person ON person.id = picture.user_id"
        " WHERE person.email = 'person0@example.com' ORDER BY picture.id DESC OFFSET %s LIMIT 1",
        [own - _PAGE - 1],
    ).fetchone()
    assert row is not None
    return str(row[0])


def _take(child: Child, addresses: dict[str, list[str]], samples: int) -> dict[str, list[float]]:
    """Return the milliseconds of each kind of page."""
    answer = child.ask(_PATIENCE_SECONDS, addresses=addresses, samples=samples)
    if answer["queries"] > QUERIES_AT_MOST:
        raise BenchmarkFailed(f"a page took {answer['queries']} queries; {QUERIES_AT_MOST} are the most")
    if answer["shown"]["page 1,000"] != _PAGE:
        raise BenchmarkFailed(f"page 1,000 shows {answer['shown']['page 1,000']} pictures, not the last {_PAGE}")
    if found := [word for word in (" OFFSET ", "COUNT(") if word in answer["sql"]]:
        raise BenchmarkFailed(f"a page's queries have{found}")
    return {kind: list(map(float, times)) for kind, times in answer["milliseconds"].items()}


def _outcome(turns: Sequence[tuple[int, str, dict[str, list[float]]]], shelf: Shelf) -> Outcome:
    many = [times for _, side, times in sorted(turns, key=lambda turn: turn[0]) if side == "site"]
    few = [times for _, side, times in sorted(turns, key=lambda turn: turn[0]) if side == "bare"]
    worst = [max(_p95(left, kind) / _p95(right, kind) for kind in left) for left, right in zip(many, few, strict=True)]
    lines, by_kind = [], {}
    for kind in many[0]:
        large, small = (percentile([time for turn in side for time in turn[kind]], 95) for side in (many, few))
        by_kind[kind] = large / small
        among = f"p95 {large:.1f} ms among {shelf.many:,}, {small:.1f} ms among {shelf.few:,}"
        lines.append(f"{kind}: {among}: × {large / small:.3f}")
    title = f"library of {shelf.own:,} pictures, p95 of pages among {shelf.many:,} of others ÷ among {shelf.few:,}"
    details = {"shelf": asdict(shelf), "by_kind": by_kind, "worst": asdict(Spread.of(worst))}
    return Outcome("e", title, Bound(1.3, is_ceiling=True), worst, max(by_kind.values()), lines, details)


def _p95(times: dict[str, list[float]], kind: str) -> float:
    return percentile(times[kind], 95)
