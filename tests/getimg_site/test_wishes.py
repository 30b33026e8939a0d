"""Voices count once each, whatever the haste."""

import threading

import pytest
from django.db import connections

from accounts.models import User
from getimg_site import wishes as board
from getimg_site.models import Wish
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

    assert list(board.listed()) == [large, small]
    assert list(board.listed("done")) == [done]


@pytest.mark.django_db
def test_a_wish_stays_when_its_author_is_gone() -> None:
    user = make_user()
    wish = board.add(user, TITLE, "")
    user.delete()
    wish.refresh_from_db()

    assert wish.author is None
