import pytest

from generation import folders
from generation.models import Folder
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_change_nothing() -> None:
    folder = folders.make(make_person(), "Foxes")

    for path in ("/library/folders/", f"/library/folders/{folder.pk}/rename/", f"/library/folders/{folder.pk}/delete/"):
        assert_sent_to_login(visitor().post(path, {"name": "Owls"}), "/create/")
    assert Folder.objects.get().name == "Foxes"


def test_a_stranger_changes_nothing() -> None:
    folder = folders.make(make_person(), "Foxes")
    client = visitor(make_person("bob@example.com"))

    for deed in ("rename", "delete"):
        assert client.post(f"/library/folders/{folder.pk}/{deed}/", {"name": "Owls"}).status_code == 404
    assert Folder.objects.get().name == "Foxes"


def test_the_owner_makes_renames_and_deletes() -> None:
    client = visitor(make_person())

    page = words(client.post("/library/folders/", {"name": "Foxes"}, follow=True))
    folder = Folder.objects.get()
    assert "“Foxes” is in your library." in page
    assert 'aria-current="page"' in page

    answer = client.post(f"/library/folders/{folder.pk}/rename/", {"name": "Red foxes"})
    assert answer["Location"] == f"/library/?folder={folder.pk}"
    assert Folder.objects.get().name == "Red foxes"

    page = words(client.post(f"/library/folders/{folder.pk}/delete/", follow=True))
    assert "Its pictures are still in the library." in page
    assert not Folder.objects.exists()


def test_a_search_is_saved_as_it_is_read() -> None:
    user = make_person()

    answer = visitor(user).post("/library/folders/", {"name": "Best", "query": "rating=5&q=red++fox&evil=1"})

    assert Folder.objects.get().query == "q=red+fox&rating=5"
    assert answer["Location"] == "/library/?q=red+fox&rating=5"


def test_a_saved_search_that_is_deleted_is_called_one() -> None:
    user = make_person()
    foxes = folders.make(user, "Foxes", query="q=fox")

    page = words(visitor(user).post(f"/library/folders/{foxes.pk}/delete/", follow=True))

    assert "The search “Foxes” is gone." in page
    assert "still in the library" not in page


def test_a_saved_search_is_changed_and_keeps_its_name() -> None:
    user = make_person()
    client, foxes = visitor(user), folders.make(user, "Foxes", query="q=fox")

    assert f'<option value="{foxes.pk}">Foxes</option>' in words(client.get("/library/?q=red+fox"))
    partial = client.get("/library/?q=red+fox", headers={"HX-Request": "true"})
    assert f'<option value="{foxes.pk}">Foxes</option>' in words(partial)
    page = words(client.post("/library/folders/search/", {"search": foxes.pk, "query": "q=red+fox"}, follow=True))

    assert "“Foxes” finds this now." in page
    assert Folder.objects.values_list("name", "query").get() == ("Foxes", "q=red+fox")


@pytest.mark.parametrize(
    ("query", "message"),
    [("", "Look for something first."), ("rating=9", "“9” is not a valid rating")],
)
def test_a_saved_search_is_not_changed_into_one_that_finds_nothing_of_its_own(query: str, message: str) -> None:
    user = make_person()
    foxes = folders.make(user, "Foxes", query="q=fox")

    page = visitor(user).post("/library/folders/search/", {"search": foxes.pk, "query": query}, follow=True)

    assert message in words(page)
    assert Folder.objects.get().query == "q=fox"


def test_only_a_saved_search_of_ones_own_is_changed() -> None:
    user = make_person()
    plain, other = folders.make(user, "Plain"), folders.make(make_person("bob@example.com"), "Bob's", query="q=fox")

    for search in (str(plain.pk), str(other.pk), "", "x"):
        page = visitor(user).post("/library/folders/search/", {"search": search, "query": "q=owl"}, follow=True)
        assert "Choose the saved search that is to find this." in words(page)
    assert set(Folder.objects.values_list("query", flat=True)) == {"", "q=fox"}


def test_a_search_in_a_folder_that_is_deleted_says_so_and_finds_nothing() -> None:
    user = make_person()
    place = folders.make(user, "Snow")
    draw(user, prompt="a red fox")
    saved = folders.make(user, "Foxes in the snow", query=f"q=fox&folder={place.pk}")
    folders.delete(place)

    answer = visitor(user).get(f"/library/?{saved.query}")

    assert answer.status_code == 200
    assert "deleted" in words(answer)
    assert "a red fox" not in words(answer)


@pytest.mark.parametrize(
    ("data", "message"),
    [({"name": ""}, "Give the folder a name."), ({"name": "x", "query": "rating=9"}, "“9” is not a valid rating")],
)
def test_what_cannot_be_made_is_said(data: dict[str, str], message: str) -> None:
    page = words(visitor(make_person()).post("/library/folders/", data, follow=True))

    assert message in page
    assert not Folder.objects.exists()


def test_a_name_that_is_refused_stays_where_it_was_typed() -> None:
    user = make_person()
    client, foxes = visitor(user), folders.make(user, "Foxes")
    owls = folders.make(user, "Owls", query="q=owl")

    made = client.post("/library/folders/", {"name": "Foxes"})
    saved = client.post("/library/folders/", {"name": "Foxes", "query": "q=red"})
    renamed = client.post(f"/library/folders/{foxes.pk}/rename/", {"name": "x" * 61})
    searched = client.post(f"/library/folders/{owls.pk}/rename/", {"name": "Foxes"})

    assert {answer.status_code for answer in (made, saved, renamed, searched)} == {422}
    assert 'value="Foxes" aria-invalid="true" aria-describedby="make-error"' in words(made)
    assert '<details class="shelf-new" name="shelf" open>' in words(made)
    assert 'value="Foxes" aria-invalid="true" aria-describedby="save-error"' in words(saved)
    assert 'name="query" value="q=red"' in words(saved)
    assert f'value="{"x" * 61}" aria-label="Name" aria-invalid="true" aria-describedby="rename-error"' in words(renamed)
    assert "The name has 61 characters; 60 are the most." in words(renamed)
    assert words(renamed).count("shelf-deeds") == 1
    assert 'value="Foxes" aria-label="Name" aria-invalid="true"' in words(searched)
    assert set(Folder.objects.values_list("name", flat=True)) == {"Foxes", "Owls"}


def test_a_name_is_shown_as_text() -> None:
    page = words(visitor(make_person()).post("/library/folders/", {"name": "<script>alert(1)</script>"}, follow=True))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
