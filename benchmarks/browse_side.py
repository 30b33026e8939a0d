"""One side of the library's benchmark: a person who opens pages of the site, through Django, in this process."""

import time
from typing import Any

from benchmarks.children import Answer, serve


def make_reader() -> Answer:
    """Return what opens addresses; answers the milliseconds of each kind, the most queries of a page, and their SQL.

    `shown` is how many pictures the first page of each kind has.
    """
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    from accounts.models import User

    override_settings(ALLOWED_HOSTS=["testserver"]).enable()
    client = Client()
    client.force_login(User.objects.get(email="person0@example.com"))

    def open_page(address: str) -> float:
        began = time.perf_counter()
        response = client.get(address)
        milliseconds = 1000 * (time.perf_counter() - began)
        assert response.status_code == 200, address
        return milliseconds

    def pictures_on(address: str) -> int:
        return client.get(address).content.count(b'id="picture-')

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        times: dict[str, list[float]] = {}
        queries, sql = 0, ""
        shown = {kind: pictures_on(addresses[0]) for kind, addresses in question["addresses"].items()}
        for kind, addresses in question["addresses"].items():
            for address in addresses:
                open_page(address)
                with CaptureQueriesContext(connection) as captured:
                    open_page(address)
                queries = max(queries, len(captured))
                sql += "\n".join(query["sql"] for query in captured).upper()
            times[kind] = [open_page(addresses[place % len(addresses)]) for place in range(question["samples"])]
        return {"milliseconds": times, "queries": queries, "sql": sql, "shown": shown}

    return answer


if __name__ == "__main__":
    serve(make_reader)
