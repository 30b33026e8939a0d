import pytest

from generation import presets, word_lists
from generation.models import Preset, WordList
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

STYLES = "/create/styles/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(STYLES), STYLES)


def test_ones_own_and_those_for_everybody_are_listed() -> None:
    person = make_person()
    presets.save(person, {"name": "Night", "prompt": "{prompt} at night"})
    word_lists.save(person, "hats", "a bowler\na beret")
    presets.save(make_person("bob@example.com"), {"name": "Bob’s own", "prompt": "b"})

    page = words(visitor(person).get(STYLES))

    for part in (
        "Night",
        "… at night",
        "__hats__",
        "a bowler, a beret",
        "__colour__",
        "Watercolour",
        "{red|green|blue}",
    ):
        assert part in page
    assert "Bob’s own" not in page


@pytest.mark.parametrize("kind", ["preset", "list"])
def test_the_owner_alone_deletes(kind: str) -> None:
    person = make_person()
    preset = presets.save(person, {"name": "Night", "prompt": "n"})
    hats = word_lists.save(person, "hats", "a bowler")
    address = f"{STYLES}{kind}/{(preset if kind == 'preset' else hats).pk}/delete/"

    assert visitor(make_person("bob@example.com")).post(address).status_code == 404
    assert visitor(person).get(address).status_code == 405
    assert (Preset.objects.count(), WordList.objects.count()) == (1, 1)
    answer = visitor(person).post(address, follow=True)
    assert answer.redirect_chain == [(STYLES, 302)]
    assert f"{kind.title()} deleted." in words(answer)
    assert (Preset.objects.count(), WordList.objects.count()) == ((0, 1) if kind == "preset" else (1, 0))
    assert visitor(person).post(f"{STYLES}nonsense/{preset.pk}/delete/").status_code == 404
