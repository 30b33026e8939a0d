"""How a text is read: what is seen through, and what is left as it is."""

import pytest

from generation.moderation_text import fold, without_repeats, words_of


def readings(text: str) -> set[str]:
    return {one for word in words_of(text) for one in (word.plain, *word.readings)}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "fox",
            "FOX",
            "ｆｏｘ",
            "f\u200box",
            "f\u00adox",
            "fо\u0301х",
            "f.o.x",
            "f o x",
            "f-o-x",
            "f_o_x",
            "fooox",
            "f0x",
        ),
        *("𝒇𝒐𝒙", "føx", "(fox:1.3)", "(f)(o)(x)", "1fox", "ＦOΧ", "fo\u3164x", "fox's"),
        *("ꜰᴏx", "🅵🅾🆇", "🇫🇴🇽", "\u202exof", "the \u202exof\u202c", "f\r\no\nx", "\U000e0066\U000e006f\U000e0078"),
        *("fꮎx", "fox🇺🇸", "f\U000e0061ox", "f  o x"),
    ],
)
def test_a_word_is_read_however_it_is_spelled(text: str) -> None:
    assert "fox" in readings(text)


@pytest.mark.parametrize("text", ["1999", "50%", "", "   ", "…", "\x00", "🦊", "(((:::", "\ud800"])
def test_what_has_no_letters_is_no_trouble(text: str) -> None:
    assert not readings(text) & {"i", "fox"}


def test_letters_that_line_breaks_draw_apart_are_a_word_wherever_it_begins() -> None:
    for text in ("a f\no\nx b\nrown", "a f\r\no\r\nx", "a f  o x"):
        assert any("fox" in word.spelled for word in words_of(text)), text


def test_flags_are_flags_too() -> None:
    assert {"a", "fox", "in"} <= readings("a fox🇫🇷 in 🇫🇷")


def test_a_letter_twice_is_kept_beside_the_other_reading() -> None:
    assert without_repeats("foxx") == ("fox",)
    assert without_repeats("fooox") == ("fox", "foox")
    assert without_repeats("fox") == ()
    assert without_repeats("fee") == ()


def test_other_scripts_stay_what_they_are_unless_they_look_latin() -> None:
    assert fold("лиса") == "лиca"
    assert fold("狐") == "狐"
    assert fold("Ærø") == "aero"
