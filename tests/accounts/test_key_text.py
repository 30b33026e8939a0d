import pytest

from accounts import key_text


def test_a_key_says_what_it_is_and_fits_the_pattern_that_scanners_look_for() -> None:
    live, test = key_text.make(is_test=False), key_text.make(is_test=True)

    assert live.startswith("gi_live_")
    assert test.startswith("gi_test_")
    assert key_text.PATTERN.fullmatch(live)
    assert key_text.PATTERN.fullmatch(test)


def test_no_two_keys_are_equal_and_each_is_well_formed() -> None:
    made = [key_text.make(is_test=False) for _ in range(2000)]

    assert len(set(made)) == len(made)
    assert all(key_text.is_well_formed(text) for text in made)
    # Every digit of base 62 turns up: none is left out of the draw.
    assert len(set("".join(text[8:42] for text in made))) == 62


def test_any_changed_character_spoils_the_checksum() -> None:
    text = key_text.make(is_test=False)
    for place in range(8, len(text)):
        other = "a" if text[place] != "a" else "b"
        assert not key_text.is_well_formed(text[:place] + other + text[place + 1 :])


def test_a_live_key_is_no_test_key_by_another_name() -> None:
    assert not key_text.is_well_formed(key_text.make(is_test=False).replace("gi_live_", "gi_test_"))


@pytest.mark.parametrize("text", ["", "gi_live_", "sk_live_" + "a" * 40, "gi_live_" + "é" * 40, "gi_live_" + "a" * 41])
def test_what_is_no_key_is_not_well_formed(text: str) -> None:
    assert not key_text.is_well_formed(text)


def test_the_prefix_shows_six_random_characters_and_the_digest_all_of_none() -> None:
    text = key_text.make(is_test=True)

    assert key_text.prefix_of(text) == text[:14]
    assert len(key_text.digest_of(text)) == 64
    assert text[14:] not in key_text.digest_of(text)
