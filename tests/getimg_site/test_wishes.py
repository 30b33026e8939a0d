"""Voices count once each, whatever the haste."""

import threading

import pytest
from django.db import connections

from accounts.models import User
from getimg_site import wishes as board
from getimg_site.models import Wish
from getimg_site.wishes import Search
from tests.factories import make_user

TITLE = "Fold pictures into films"


@pytest.mark.django_db(transaction=True)
def test_voices_at_the_same_moment_all_count() -> None:
    wish = board.add(make_user(), TITLE, "")
    people = [make_user() for _ in range(6)]

    def press(user: User) -> None:
        board.vote(user, wish)
        connections.close_all()

    threads = [threading.Thread(target=press, args=(user,)) for user in people for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wish.refresh_from_db()
    assert wish.votes_count == 7


@pytest.mark.django_db
def test_the_most_wished_comes_first_and_the_done_stand_apart() -> None:
    small, large, done = (board.add(make_user(), f"{TITLE} {size}", "") for size in ("small", "large", "done"))
    board.vote(make_user(), large)
    Wish.objects.filter(pk=done.pk).update(state=Wish.State.DONE)

    assert board.listed(Search()).wishes == [large, small]
    assert board.listed(Search("done")).wishes == [done]


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["", board.NEWEST])
def test_every_wish_is_on_a_page_once(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    monkeypatch.setattr(board, "PAGE_SIZE", 2)
    made = [Wish.objects.create(title=f"{TITLE} {votes}", votes_count=votes) for votes in (3, 1, 1, 1, 9)]
    seen: list[Wish] = []
    after = None
    while after != "":
        page = board.listed(Search(order=order, after=after or ""))
        seen, after = [*seen, *page.wishes], page.next_after

    by_votes = [made[4], made[0], made[3], made[2], made[1]]
    assert seen == (made[::-1] if order else by_votes)


@pytest.mark.django_db
def test_a_wish_is_found_by_its_words() -> None:
    film = Wish.objects.create(title=TITLE, text="For my aunt")
    Wish.objects.create(title="Darker nights", text="")

    assert board.listed(Search(words="FOLD aunt")).wishes == [film]
    assert board.listed(Search(words="fold nights")).wishes == []


def test_an_address_that_means_nothing_asks_for_the_whole_board() -> None:
    hostile = {"state": "hidden", "order": "x'", "q": "\x00", "after": "9" * 40 + "-1"}

    assert Search.read(hostile) == Search()
    assert len(Search.read({"q": "a " * 300}).words) == board.WORDS_MAX


@pytest.mark.django_db
def test_a_wish_stays_when_its_author_is_gone() -> None:
    user = make_user()
    wish = board.add(user, TITLE, "")
    user.delete()
    wish.refresh_from_db()

    assert wish.author is None
