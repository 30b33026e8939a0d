import pytest

from accounts.models import User
from generation import presets
from generation.errors import InvalidParams
from generation.models import Preset
from generation.presets import PRESETS_MAX
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person()


def refusal(person: User, **values: object) -> dict[str, str]:
    with pytest.raises(InvalidParams) as caught:
        presets.save(person, {"name": "Mine", "prompt": "{prompt} in oil", **values})
    return {error.field: error.message for error in caught.value.errors}


def test_ones_own_come_first_by_name_and_others_not_at_all(person: User) -> None:
    presets.save(person, {"name": "Zebra", "prompt": "z"})
    presets.save(person, {"name": "Ape", "prompt": "a"})
    presets.save(make_person("bob@example.com"), {"name": "Bob’s", "prompt": "b"})

    found = presets.styles_of(person)

    assert [style.name for style in found if style.is_own] == ["Ape", "Zebra"]
    assert [style.is_own for style in found[:3]] == [True, True, False]


def test_a_preset_is_found_by_its_key_by_its_owner_alone(person: User) -> None:
    made = presets.save(person, {"name": "  My   oil ", "prompt": "{prompt} in oil", "settings": {"steps": "30"}})

    found = presets.find(person, str(made.pk))

    assert found is not None
    assert (found.name, found.prompt, found.settings) == ("My oil", "{prompt} in oil", {"steps": "30"})
    assert presets.find(make_person("bob@example.com"), str(made.pk)) is None
    assert presets.find(person, "no-such-style") is None
    watercolour = presets.find(person, "watercolour")
    assert watercolour is not None
    assert not watercolour.is_own


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"name": " "}, "name", "Give it a name."),
        ({"name": "n" * 41}, "name", "The name has 41 characters; 40 is the most."),
        ({"prompt": "p" * 1001}, "prompt", "The text has 1,001 characters; 1,000 is the most."),
        (
            {"negative_prompt": "p" * 1001},
            "negative_prompt",
            "What is left out has 1,001 characters; 1,000 is the most.",
        ),
        ({"prompt": "a\x00"}, "name", "It holds a null character, which can't be stored."),
        ({"prompt": ""}, "prompt", "Write a text, or keep settings: this preset would do nothing."),
    ],
)
def test_what_is_out_of_bounds_is_refused(person: User, values: dict[str, str], field: str, message: str) -> None:
    assert refusal(person, **values)[field] == message
    assert not Preset.objects.exists()


def test_a_name_is_used_once_a_person(person: User) -> None:
    presets.save(person, {"name": "Mine", "prompt": "a"})
    presets.save(make_person("bob@example.com"), {"name": "Mine", "prompt": "b"})

    assert refusal(person) == {"name": "You have a preset “Mine” already."}
    assert Preset.objects.visible_to(person).get().prompt == "a"


def test_there_is_a_most_and_a_change_is_none(person: User) -> None:
    made = [presets.save(person, {"name": f"n{number}", "prompt": "a"}) for number in range(PRESETS_MAX)]

    assert refusal(person)["name"] == "You have 50 presets, which is the most. Delete one first."
    assert presets.save(person, {"name": "n0", "prompt": "b"}, changed=made[0]).prompt == "b"
