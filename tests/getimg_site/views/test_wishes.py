import re

import pytest

from getimg_site import wishes as board
from getimg_site.models import Wish
from tests.factories import make_user
from tests.visitors import assert_sent_to_login, visitor, words

TITLE, PASSWORD = "Fold pictures into films", "Correct horse, battery!"


@pytest.mark.django_db
def test_a_wish_is_on_the_board_with_its_authors_voice() -> None:
    answer = visitor(make_user()).post("/wishes/", {"title": f"  {TITLE} ", "text": "<script>alert(1)</script>"})
    wish = Wish.objects.get()

    assert answer["Location"] == f"/wishes/?wish={wish.pk}#wish-{wish.pk}"
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
    assert "form_errors" in words(answer)
    assert not Wish.objects.exists()


@pytest.mark.django_db
def test_a_text_that_is_too_long_is_marked() -> None:
    answer = visitor(make_user()).post("/wishes/", {"title": TITLE, "text": "x" * 2001})

    assert answer.status_code == 422
    assert 'aria-describedby="text-error" aria-invalid="true"' in words(answer)


@pytest.mark.django_db
def test_nobody_covers_the_board() -> None:
    user = make_user()
    for number in range(board.OPEN_MAX):
        board.add(user, f"{TITLE} {number}", "")
    answer = visitor(user).post("/wishes/", {"title": TITLE, "text": ""})

    assert answer.status_code == 422
    assert f"{board.OPEN_MAX} open wishes" in words(answer)
    assert 'id="form-error" tabindex="-1"' in words(answer)


@pytest.mark.django_db
def test_a_visitor_reads_and_is_asked_to_log_in_to_vote() -> None:
    wish = board.add(make_user(), TITLE, "")

    back_to = f"/wishes/%3Fwish%3D{wish.pk}%23wish-{wish.pk}"
    assert_sent_to_login(visitor().post(f"/wishes/{wish.pk}/vote/"), back_to)
    assert "Log in to vote" in words(visitor().get("/wishes/"))


@pytest.mark.django_db
def test_a_voice_given_before_the_log_in_counts_after_it_and_once() -> None:
    wish, user = board.add(make_user(), TITLE, ""), make_user(password=PASSWORD)
    client = visitor()
    door = client.post(f"/wishes/{wish.pk}/vote/")["Location"]
    client.get("/wishes/")
    wish.refresh_from_db()
    assert wish.votes_count == 1

    page = client.post(door, {"login": user.email, "password": PASSWORD}, follow=True)
    assert "Your vote counts." in words(page)
    assert f'id="wish-{wish.pk}"' in words(page)
    wish.refresh_from_db()
    assert wish.votes_count == 2

    client.post(f"/wishes/{wish.pk}/vote/", {"withdraw": "1"})
    client.get("/wishes/")
    wish.refresh_from_db()
    assert wish.votes_count == 1


@pytest.mark.django_db
def test_a_voice_that_lay_there_is_forgotten() -> None:
    wish, client = board.add(make_user(), TITLE, ""), visitor()
    client.post(f"/wishes/{wish.pk}/vote/")
    session = client.session
    session["wish_vote"] = {**session["wish_vote"], "at": 0}
    session.save()
    client.force_login(make_user())
    client.get("/wishes/")
    wish.refresh_from_db()

    assert wish.votes_count == 1


@pytest.mark.django_db
def test_a_wish_sent_without_a_session_is_there_again_after_the_log_in() -> None:
    user, client = make_user(password=PASSWORD), visitor()
    door = client.post("/wishes/", {"title": "Darker <nights>", "text": "With more stars."})["Location"]
    assert "Darker" not in words(client.get("/wishes/"))

    page = words(client.post(door, {"login": user.email, "password": PASSWORD}, follow=True))

    assert "You were logged out. Your wish is still here: send it now." in page
    assert 'value="Darker &lt;nights&gt;"' in page
    assert "With more stars.</textarea>" in page
    assert not Wish.objects.exists()
    assert "Darker" not in words(client.get("/wishes/"))


@pytest.mark.django_db
def test_more_than_a_page_of_wishes_can_all_be_reached() -> None:
    Wish.objects.bulk_create(Wish(title=f"{TITLE} {n:02}", votes_count=5) for n in range(board.PAGE_SIZE))
    client = visitor(make_user())

    posted = words(client.post("/wishes/", {"title": "Darker nights", "text": ""}, follow=True))
    assert "<h2>Darker nights</h2>" in posted
    first = words(client.get("/wishes/"))
    assert "Darker nights" not in first
    more = re.search(r'href="(/wishes/\?after=[^"]*)"', first)
    assert more is not None
    assert "<h2>Darker nights</h2>" in words(client.get(more[1]))
    assert "<h2>Darker nights</h2>" in words(client.get("/wishes/?order=new"))
    assert "<h2>Darker nights</h2>" in words(client.get("/wishes/?q=nights"))
    assert "Nothing found." in words(client.get("/wishes/?q=elephants"))


@pytest.mark.django_db
@pytest.mark.parametrize("state", [Wish.State.PLANNED, Wish.State.DONE, Wish.State.DECLINED])
def test_who_votes_is_led_to_where_the_wish_stands(state: Wish.State) -> None:
    wish = board.add(make_user(), TITLE, "")
    Wish.objects.update(state=state)

    answer = visitor(make_user()).post(f"/wishes/{wish.pk}/vote/?order=new&q=fold", follow=True)
    assert answer.redirect_chain == [(f"/wishes/?order=new&q=fold&wish={wish.pk}#wish-{wish.pk}", 302)]
    assert f'id="wish-{wish.pk}"' in words(answer)
    assert 'aria-pressed="true"' in words(answer)


@pytest.mark.django_db
def test_a_hidden_wish_is_not_shown_and_takes_no_voice() -> None:
    wish = board.add(make_user(), TITLE, "")
    Wish.objects.update(state=Wish.State.HIDDEN)

    assert TITLE not in words(visitor().get("/wishes/"))
    assert visitor(make_user()).post(f"/wishes/{wish.pk}/vote/").status_code == 404
