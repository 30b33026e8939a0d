import pytest

from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return finished(make_person(), num_images=1).images.select_related("user").get()


def test_anonymous_people_and_strangers_say_nothing(image: Image) -> None:
    path = f"/pictures/{image.pk}/alt-text/"

    assert_sent_to_login(visitor().post(path, {"alt_text": "x"}), "/create/")
    assert visitor(make_person("bob@example.com")).post(path, {"alt_text": "x"}).status_code == 404


def test_the_owner_says_it_and_the_page_shows_it_as_text(image: Image) -> None:
    page = words(visitor(image.user).post(f"/pictures/{image.pk}/alt-text/", {"alt_text": '"><b>fox'}, follow=True))

    assert "Description saved." in page
    assert 'alt="&quot;&gt;&lt;b&gt;fox"' in page


def test_it_is_shown_whole_and_in_create(image: Image) -> None:
    client, said = visitor(image.user), "a fox " * 166 + "ends"

    page = words(client.post(f"/pictures/{image.pk}/alt-text/", {"alt_text": said}, follow=True))

    assert f'alt="{said}"' in page
    assert 'alt="Picture 1: a fox a fox' in words(client.get("/create/"))


def test_a_prompt_stands_for_it_without_its_notation(image: Image) -> None:
    Image.objects.update(words=["a (red:1.3) fox", ""])

    assert 'alt="a red fox"' in words(visitor(image.user).get(f"/pictures/{image.pk}/"))


def test_what_was_looked_for_stays(image: Image) -> None:
    answer = visitor(image.user).post(f"/pictures/{image.pk}/alt-text/", {"alt_text": "fox", "query": "q=fox"})

    assert answer["Location"] == f"/pictures/{image.pk}/?q=fox"


def test_what_is_too_long_is_said(image: Image) -> None:
    answer = visitor(image.user).post(f"/pictures/{image.pk}/alt-text/", {"alt_text": "x" * 1001, "query": "q=fox"})

    page = words(answer)
    assert answer.status_code == 422
    assert "1,001 characters; 1,000 are the most" in page
    assert f'aria-invalid="true">{"x" * 1001}</textarea>' in page
    assert '<details class="panel-alt" open>' in page
    assert 'name="query" value="q=fox"' in page
