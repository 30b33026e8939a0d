import pytest

from accounts import networks


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        (" 203.0.113.0/24 ", "203.0.113.0/24"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("2001:DB8::1", "2001:db8::1/128"),
    ],
)
def test_a_network_is_kept_in_its_shortest_form(text: str, stored: str) -> None:
    assert networks.parse(text) == stored


def test_an_address_within_a_network_is_refused_with_what_may_be_meant() -> None:
    with pytest.raises(ValueError, match=r"did you mean 203\.0\.113\.0/24\?"):
        networks.parse("203.0.113.7/24")


@pytest.mark.parametrize("text", ["", "office", "203.0.113.0/33", "1.2.3", "203.0.113.0/24, 10.0.0.0/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address or network"):
        networks.parse(text)


@pytest.mark.parametrize(
    ("address", "is_inside"),
    [
        ("203.0.113.9", True),
        ("::ffff:203.0.113.9", True),
        ("203.0.114.9", False),
        ("2001:db8:1::5", True),
        ("2001:db9::5", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_an_address_is_looked_for_in_every_network(address: str, is_inside: bool) -> None:
    assert networks.contains(["203.0.113.0/24", "2001:db8::/32"], address) is is_inside
