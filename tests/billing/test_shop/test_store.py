"""The books: one transaction, undone as a whole; requests one after another."""

import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest

from billing.test_shop.errors import ShopError
from billing.test_shop.store import Store


def test_what_fails_is_undone_as_a_whole(tmp_path: Path) -> None:
    store = Store(tmp_path / "books.sqlite3")

    def fail_half_way() -> None:
        with store.books() as books:
            books.put({"id": "a", "object": "coupon"})
            books.note("x", 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with store.books() as books:
        assert books.find("a") is None
        assert books.fact("x") is None


def test_a_document_is_of_its_kind(tmp_path: Path) -> None:
    with Store(tmp_path / "books.sqlite3").books() as books:
        books.put({"id": "a", "object": "coupon"})
        assert books.get("coupon", "a")["id"] == "a"
        for kind, param, status in (("customer", "id", 404), ("customer", "customer", 400)):
            with pytest.raises(ShopError) as error:
                books.get(kind, "a", param=param)
            assert error.value.status == status


def test_processes_that_make_the_same_books_at_once_all_open_them(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    for number in range(20):
        barrier = fork.Barrier(4)
        crew = [fork.Process(target=_open, args=(tmp_path / str(number), barrier)) for _ in range(4)]
        for process in crew:
            process.start()
        for process in crew:
            process.join()
        assert [process.exitcode for process in crew] == [0, 0, 0, 0]


def _open(path: Path, barrier: Any) -> None:
    barrier.wait()
    with Store(path).books():
        pass


def test_threads_count_without_losing_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "books.sqlite3")
    with store.books():
        pass

    def count() -> None:
        for _ in range(25):
            with store.books() as books:
                books.note("count", books.fact("count", 0) + 1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.books() as books:
        assert books.fact("count") == 100
