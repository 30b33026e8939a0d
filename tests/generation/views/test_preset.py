import pytest

from generation import presets
from generation.models import Preset
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

NEW = "/create/styles/presets/new/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(NEW), NEW)


def test_a_preset_is_written_by_hand() -> None:
    person = make_person()

    assert visitor(person).post(NEW, {"name": "Night", "prompt": "{prompt} at night"})["Location"] == "/create/styles/"
    assert Preset.objects.visible_to(person).get().prompt == "{prompt} at night"


def test_a_preset_is_renamed_and_lets_its_settings_go() -> None:
    person = make_person()
    made = presets.save(person, {"name": "Night", "prompt": "n", "settings": {"steps": "30"}})
    address = f"/create/styles/presets/{made.pk}/"
    assert "30 steps" in words(visitor(person).get(address))

    visitor(person).post(address, {"name": "Dusk", "prompt": "n", "with_settings": "1"})
    made.refresh_from_db()
    assert (made.name, made.settings) == ("Dusk", {"steps": "30"})
    visitor(person).post(address, {"name": "Dusk", "prompt": "n"})
    made.refresh_from_db()
    assert made.settings == {}


def test_settings_that_are_let_go_stay_so_when_something_else_is_refused() -> None:
    person = make_person()
    made = presets.save(person, {"name": "Night", "prompt": "n", "settings": {"steps": "30"}})
    address = f"/create/styles/presets/{made.pk}/"
    kept = 'name="with_settings" value="1" checked'

    assert kept in words(visitor(person).get(address))
    assert kept in words(visitor(person).post(address, {"name": "", "prompt": "n", "with_settings": "1"}))
    assert kept not in words(visitor(person).post(address, {"name": "", "prompt": "n"}))


def test_a_stranger_finds_nothing() -> None:
    made = presets.save(make_person(), {"name": "Night", "prompt": "n"})

    assert visitor(make_person("bob@example.com")).get(f"/create/styles/presets/{made.pk}/").status_code == 404


def test_a_refusal_stands_beside_its_field_with_what_was_typed() -> None:
    answer = visitor(make_person()).post(NEW, {"name": "", "prompt": "my words"})

    assert answer.status_code == 422
    assert "Give it a name." in words(answer)
    assert "my words" in words(answer)
