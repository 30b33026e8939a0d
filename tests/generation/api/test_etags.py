import pytest

from generation.api.etags import is_known, tag_of, text_of


def test_equal_answers_have_equal_tags() -> None:
    assert tag_of(text_of({"status": "NEW"})) == tag_of(text_of({"status": "NEW"}))
    assert tag_of(text_of({"status": "NEW"})) != tag_of(text_of({"status": "FINISHED"}))


@pytest.mark.parametrize(
    ("if_none_match", "expected"),
    [
        ("", False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b"', False),
        ("*", True),
        ("a", False),
        ("nonsense,,", False),
    ],
)
def test_a_tag_is_known_where_it_is_named(if_none_match: str, expected: bool) -> None:
    assert is_known(if_none_match, '"a"') is expected
