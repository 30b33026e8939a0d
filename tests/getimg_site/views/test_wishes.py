import pytest

from getimg_site import wishes as board
from getimg_site.models import Wish
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

TITLE = "Fold pictures into films"


@pytest.mark.django_db
def test_a_wish_is_on_the_board_with_its_authors_voice() -> None:
    answer = visitor(make_user()).post("/wishes/", {"title": f"  {TITLE} ", "text": "<script>alert(1)</script>"})
    wish = Wish.objects.get()

    assert answer["Location"] == f"/wishes/#wish-{wish.pk}"
    page = words(visitor().get("/wishes/"))
    assert TITLE in page
    assert "<script>alert" not in page
    assert wish.votes_count == 1


@pytest.mark.django_db
def test_a_voice_counts_once_and_can_be_taken_back() -> None:
    wish = board.add(make_user(), TITLE, "")
    client = visitor(make_user())
    for sent, votes in (({}, 2), ({}, 2), ({"withdraw": "1"}, 1), ({"withdraw": "1"}, 1)):
        client.post(f"/wishes/{wish.pk}/vote/", sent)
        wish.refresh_from_db()
        assert wish.votes_count == votes


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("title", "said"), [("short", "at least 8 characters"), ("x" * 101, "at most 100"), ("", "required")]
)
def test_what_is_no_wish_is_refused_and_stays_in_the_form(title: str, said: str) -> None:
    answer = visitor(make_user()).post("/wishes/", {"title": title, "text": "why"})

    assert answer.status_code == 422
    assert said in words(answer)
    assert ">why</textarea>" in words(answer)
    assert not Wish.objects.exists()


@pytest.mark.django_db
def test_nobody_covers_the_board() -> None:
    user = make_user()
    for number in range(board.OPEN_MAX):
        board.add(user, f"{TITLE} {number}", "")
    answer = visitor(user).post("/wishes/", {"title": TITLE, "text": ""})

    assert answer.status_code == 422
    assert f"{board.OPEN_MAX} open wishes" in words(answer)


@pytest.mark.django_db
def test_a_visitor_reads_and_is_asked_to_log_in_to_vote() -> None:
    wish = board.add(make_user(), TITLE, "")

    assert_sent_to_login(visitor().post(f"/wishes/{wish.pk}/vote/"), "/create/")
    assert "Log in to vote" in words(visitor().get("/wishes/"))


@pytest.mark.django_db
def test_a_hidden_wish_is_not_shown_and_takes_no_voice() -> None:
    wish = board.add(make_user(), TITLE, "")
    Wish.objects.update(state=Wish.State.HIDDEN)

    assert TITLE not in words(visitor().get("/wishes/"))
    assert visitor(make_user()).post(f"/wishes/{wish.pk}/vote/").status_code == 404
