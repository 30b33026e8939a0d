"""Form-encoded text into values, and refusals that name the parameter."""

from typing import Any

import pytest

from billing.test_shop.errors import ShopError
from billing.test_shop.params import RANGE, Choice, Flag, Many, Map, Number, Text, Whole, decode, group

ONE = "mode=payment&line_items[0][price]=p"
ITEM = group("price", price=Text(), quantity=Whole(1, 99))
ASKED = group(
    "mode",
    mode=Choice(("payment", "subscription")),
    line_items=Many(ITEM, limit=3),
    metadata=Map(),
    paid=Flag(),
    percent=Number(0, 100),
    created=RANGE,
    name=Text(10, may_be_empty=False),
)


def test_nested_names_are_read_as_the_package_writes_them() -> None:
    encoded = "mode=payment&line_items[0][price]=p1&line_items[0][quantity]=2&line_items[1][price]=p2&metadata[a]=b"
    assert ASKED.read(decode(encoded), "") == {
        "mode": "payment",
        "line_items": [{"price": "p1", "quantity": 2}, {"price": "p2"}],
        "metadata": {"a": "b"},
    }


@pytest.mark.parametrize(
    ("encoded", "expected"),
    [
        ("expand[]=a&expand[]=b", {"expand": {"0": "a", "1": "b"}}),
        ("expand[0]=a&expand[1]=b", {"expand": {"0": "a", "1": "b"}}),
        ("a=", {"a": ""}),
        ("a[b][c]=%20d%26", {"a": {"b": {"c": " d&"}}}),
    ],
)
def test_decode(encoded: str, expected: dict[str, Any]) -> None:
    assert decode(encoded) == expected


@pytest.mark.parametrize(
    ("encoded", "name", "code"),
    [
        ("", "mode", "parameter_missing"),
        ("mode=", "mode", "parameter_missing"),
        ("mode=gift", "mode", None),
        ("mode=payment&moed=x", "moed", "parameter_unknown"),
        ("mode=payment&line_items[0][prise]=x", "line_items[0][prise]", "parameter_unknown"),
        ("mode=payment&line_items[0][quantity]=1", "line_items[0][price]", "parameter_missing"),
        (f"{ONE}&line_items[0][quantity]=two", "line_items[0][quantity]", "parameter_invalid_integer"),
        (f"{ONE}&line_items[0][quantity]=0", "line_items[0][quantity]", "parameter_invalid_integer"),
        ("mode=payment&line_items=p", "line_items", None),
        ("mode=payment&line_items[0]=p", "line_items[0]", None),
        ("mode=payment&line_items[x][price]=p", "line_items", None),
        ("mode=payment&paid=1", "paid", None),
        ("mode=payment&percent=101", "percent", None),
        ("mode=payment&created[after]=1", "created[after]", "parameter_unknown"),
        ("mode=payment&name=", "name", "parameter_invalid_empty"),
        ("mode=payment&name=01234567890", "name", None),
        ("mode=payment&name[x]=a", "name", None),
        ("mode=payment&metadata[a][b]=c", "metadata", None),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(encoded: str, name: str, code: str | None) -> None:
    with pytest.raises(ShopError) as error:
        ASKED.read(decode(encoded), "")
    assert (error.value.status, error.value.body.get("param"), error.value.body.get("code")) == (400, name, code)


def test_a_name_that_is_text_and_a_group_at_once_is_refused() -> None:
    with pytest.raises(ShopError):
        decode("a=1&a[b]=2")


def test_lists_and_metadata_have_bounds() -> None:
    many = "&".join(f"line_items[{number}][price]=p" for number in range(4))
    for encoded, name in (
        (f"mode=payment&{many}", "line_items"),
        ("mode=payment&metadata[a]=" + "x" * 501, "metadata"),
    ):
        with pytest.raises(ShopError) as error:
            ASKED.read(decode(encoded), "")
        assert error.value.body["param"] == name


def test_bounds_of_time_are_whole_numbers_or_limits() -> None:
    assert RANGE.read("5", "created") == 5
    assert RANGE.read({"gte": "5", "lt": "7"}, "created") == {"gte": 5, "lt": 7}
