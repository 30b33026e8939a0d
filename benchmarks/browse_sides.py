"""Both sides of the library's benchmark, a process each: pages of the site, and their rows by bare SQL.

    python -m benchmarks.browse_sides site | bare

Questions: `look` opens each address once and answers what it shows, in how many queries and which; `open` answers
milliseconds, address by address in turn; `prove`, of the site alone, compares words with those that the product writes.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg

from benchmarks import bare_pages
from benchmarks.children import Answer, serve

_PICTURE = re.compile(rb'id="picture-([0-9a-f-]{36})"')


def make_site() -> Answer:
    """Return what opens pages through Django: middleware, session, queries, template; no network."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import override_settings

    from accounts.models import User
    from generation.models import Image

    override_settings(ALLOWED_HOSTS=["testserver"]).enable()
    client = Client()
    client.force_login(User.objects.get(email="person0@example.com"))

    def open_page(address: str) -> bytes:
        response = client.get(address)
        assert response.status_code == 200, address
        return response.content

    def look(address: str) -> dict[str, Any]:
        open_page(address)
        statements: list[str] = []

        def note(execute: Callable[..., Any], sql: Any, *others: Any) -> Any:
            statements.append(str(sql))
            return execute(sql, *others)

        # Also of the statements that the server has prepared, whose text Django's own record leaves out.
        with connection.execute_wrapper(note):
            page = open_page(address)
        ids = [found.decode() for found in _PICTURE.findall(page)]
        seeds = {str(pk): seed for pk, seed in Image.objects.filter(pk__in=ids).values_list("pk", "seed")}
        return {"seeds": [seeds[pk] for pk in ids], "queries": len(statements), "sql": "\n".join(statements)}

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        if question["task"] == "prove":
            return {"wrong": _wrong_words(question["samples"])}
        return _answer(question, look, open_page)

    return answer


def make_bare() -> Answer:
    """Return what fetches the same rows by one statement each, on a connection that prepares them."""
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    connection.execute("SET jit = off; SET max_parallel_workers_per_gather = 0")

    def fetch(address: str) -> list[tuple[Any, ...]]:
        data = dict(parse_qsl(urlsplit(address).query))
        return connection.execute(*bare_pages.statement(os.environ["BENCH_PERSON"], data)).fetchall()

    def look(address: str) -> dict[str, Any]:
        # The row too many tells, as on the site, whether there is a next page.
        return {"seeds": [row[0] for row in fetch(address)][: bare_pages.SIZE], "queries": 1, "sql": ""}

    return lambda question: _answer(question, look, fetch)


def _answer(
    question: dict[str, Any], look: Callable[[str], dict[str, Any]], open_page: Callable[[str], object]
) -> dict[str, Any]:
    addresses: list[str] = question["addresses"]
    if question["task"] == "look":
        return {"looks": [look(address) for address in addresses]}
    times: list[list[float]] = [[] for _ in addresses]
    for _ in range(question["rounds"]):
        for place, address in enumerate(addresses):
            began = time.perf_counter()
            open_page(address)
            times[place].append(1000 * (time.perf_counter() - began))
    return {"milliseconds": times}


def _wrong_words(samples: int) -> int:
    """Return how many of the newest pictures have other words than the product writes."""
    from django.db import connection

    from generation.models import Image
    from generation.models.search_text import WordsField, words_for

    images = Image.objects.newest_first().select_related("job").prefetch_related("tags")[:samples]
    field, wrong = WordsField(), 0
    with connection.cursor() as cursor:
        for image in images:
            words = words_for(image, [tag.name for tag in image.tags.all()])
            written = field.get_db_prep_value(words, connection)
            query = "SELECT words = %s::tsvector FROM generation_searchtext WHERE image_id = %s AND user_id = %s"
            cursor.execute(query, [written, image.pk, image.user_id])
            wrong += cursor.fetchone() != (True,)
    return wrong


if __name__ == "__main__":
    serve({"site": make_site, "bare": make_bare}[sys.argv[1]])
