import pytest

from generation import folders
from generation.models import Folder
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


@pytest.mark.parametrize(
    ("data", "message"),
    [({"name": ""}, "Give the folder a name."), ({"name": "x", "query": "rating=9"}, "“9” is no rating")],
)
def test_what_cannot_be_made_is_said(data: dict[str, str], message: str) -> None:
    page = words(visitor(make_person()).post("/library/folders/", data, follow=True))

    assert message in page
    assert not Folder.objects.exists()


def test_a_name_is_shown_as_text() -> None:
    page = words(visitor(make_person()).post("/library/folders/", {"name": "<script>alert(1)</script>"}, follow=True))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
