"""What a browser asks for of a file."""

import pytest

from generation.byte_ranges import ByteRange, NotSatisfiable, parse


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-", (0, 99)),
        ("bytes=0-9", (0, 9)),
        ("bytes=90-200", (90, 99)),
        ("bytes=-10", (90, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=99-99", (99, 99)),
        ("bytes= 5 - 6 ", (5, 6)),
    ],
)
def test_a_range_is_counted_from_its_end_or_its_beginning(header: str, wanted: tuple[int, int]) -> None:
    found = parse(header, 100)
    assert found == ByteRange(*wanted)
    assert found.length == wanted[1] - wanted[0] + 1


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes=", "bytes=-", "bytes=9-5", "items=0-5", "bytes=0-1,5-6", "bytes=a-b", "bytes=²-"]
)
def test_what_is_not_understood_means_the_whole(header: str) -> None:
    assert parse(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_what_lies_behind_the_end_cannot_be_had(header: str, size: int) -> None:
    with pytest.raises(NotSatisfiable):
        parse(header, size)
