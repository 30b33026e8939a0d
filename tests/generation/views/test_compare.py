from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from generation.models import Image
from tests.generation.pictures import put_on
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    user = make_person()
    finished(user, prompt="a red fox", seed=1, num_images=1)
    finished(user, prompt="an owl", seed=1, num_images=1)
    return user


def ids_of(user: User) -> list[str]:
    return [str(pk) for pk in Image.objects.filter(user=user).order_by("pk").values_list("pk", flat=True)]


def test_anonymous_people_log_in_first_and_strangers_find_nothing(person: User) -> None:
    path = "/library/compare/{}/{}/".format(*ids_of(person))

    assert_sent_to_login(visitor().get(path), path)
    assert visitor(make_person("bob@example.com")).get(path).status_code == 404


def test_two_selected_pictures_are_shown_with_what_differs(person: User) -> None:
    older, newer = ids_of(person)

    answer = visitor(person).post("/library/compare/", {"picture": [newer, older]}, follow=True)

    assert answer.redirect_chain == [(f"/library/compare/{older}/{newer}/", 302)]
    page = words(answer)
    assert '<th scope="row">Prompt</th><td>a red fox</td><td>an owl</td>' in page
    assert '<th scope="row">Seed</th>' not in page


def test_the_way_back_and_on_keep_what_was_looked_for(person: User) -> None:
    older, newer = ids_of(person)
    chosen = {"picture": [newer, older], "query": "q=fox&task=text-to-image"}

    answer = visitor(person).post("/library/compare/", chosen, follow=True)

    page = answer.content.decode()
    assert answer.redirect_chain == [(f"/library/compare/{older}/{newer}/?q=fox&task=text-to-image", 302)]
    for path in ("/library/", f"/pictures/{older}/", f"/pictures/{newer}/"):
        assert f'href="{path}?q=fox&amp;task=text-to-image"' in page


def test_one_picture_cannot_be_compared(person: User) -> None:
    data = {"picture": ids_of(person)[:1], "query": "q=fox"}
    answer = visitor(person).post("/library/compare/", data, follow=True)

    assert answer.redirect_chain == [("/library/?q=fox", 302)]
    assert "Two pictures can be compared; 1 is selected." in words(answer)


def test_each_says_until_when_it_is_kept_while_a_plan_lets_it_go(person: User) -> None:
    put_on(person, "free")
    older, newer = ids_of(person)
    Image.objects.filter(pk=older).update(created_at=timezone.now() - timedelta(days=86, hours=12))
    person.wallets.update(plan_since=None, pictures_kept_until=None)
    path = f"/library/compare/{older}/{newer}/"

    kept = words(visitor(person).get(path)).partition("compare-keeping")[2].partition("</ul>")[0]

    assert "3 days left" in kept.partition("Second:")[0]
    assert "until </span><time" in kept.partition("Second:")[2]
    put_on(person, "pro")
    assert "compare-keeping" not in words(visitor(person).get(path))
