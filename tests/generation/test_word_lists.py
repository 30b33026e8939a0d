import pytest

from accounts.models import User
from generation import wildcards, word_lists
from generation.errors import InvalidParams
from generation.models import WordList
from generation.word_lists import BUILT_IN, ENTRIES_MAX, ENTRY_MAX_LENGTH, LISTS_MAX
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return make_person()


def refusal(person: User, name: str, text: str, changed: WordList | None = None) -> dict[str, str]:
    with pytest.raises(InvalidParams) as caught:
        word_lists.save(person, name, text, changed=changed)
    return {error.field: error.message for error in caught.value.errors}


def test_every_built_in_list_can_be_used(person: User) -> None:
    lists = word_lists.lists_for(person)
    assert len(BUILT_IN) >= 15
    for name, entries in BUILT_IN.items():
        assert len(set(entries)) == len(entries) > 3, name
        wildcards.check(f"a __{name}__", lists)


def test_a_list_is_known_by_the_other_spelling_too(person: User) -> None:
    lists = word_lists.lists_for(person)
    assert lists["color"] == lists["colour"]


def test_lines_become_entries_each_once_without_blanks(person: User) -> None:
    found = word_lists.save(person, " __Hats__ ", "a bowler\n\n  a beret  \na bowler\n")

    found.refresh_from_db()
    assert (found.name, found.entries, found.text) == ("hats", ["a bowler", "a beret"], "a bowler\na beret")
    assert word_lists.lists_for(person)["hats"] == ["a bowler", "a beret"]


@pytest.mark.parametrize("name", ["", "1st", "my hats", "häts", "a" * 41, "a_b", "a__b"])
def test_a_name_that_a_prompt_could_not_hold_is_refused(person: User, name: str) -> None:
    assert "is not a valid name for a list" in refusal(person, name, "a")["name"]


@pytest.mark.parametrize("name", ["colour", "color", "Colour"])
def test_the_names_of_everybodys_lists_are_taken(person: User, name: str) -> None:
    assert "one of the lists for everybody" in refusal(person, name, "a")["name"]


def test_a_name_is_used_once_a_person(person: User) -> None:
    word_lists.save(person, "hats", "a")
    word_lists.save(make_person("bob@example.com"), "hats", "b")

    assert refusal(person, "hats", "c") == {"name": "You have a list __hats__ already."}
    assert WordList.objects.visible_to(person).get().entries == ["a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n ", "at least one entry"),
        ("\n".join(map(str, range(ENTRIES_MAX + 1))), "501 entries; 500 is the most"),
        ("a\n" + "b" * (ENTRY_MAX_LENGTH + 1), "Entry 2 has 201 characters; 200 is the most"),
        ("a\nb {c", "Entry 2: The “{” at character 3 is not closed"),
        ("a\x00", "Entry 1 holds a null character"),
    ],
)
def test_entries_out_of_bounds_are_refused_by_number(person: User, text: str, message: str) -> None:
    assert message in refusal(person, "hats", text)["entries"]


def test_there_is_a_most_of_lists_and_a_change_is_none(person: User) -> None:
    made = [word_lists.save(person, f"list-{number}", "a") for number in range(LISTS_MAX)]

    assert refusal(person, "another", "a")["name"] == "You have 50 lists, which is the most. Delete one first."
    assert word_lists.save(person, "list-0", "b", changed=made[0]).entries == ["b"]
