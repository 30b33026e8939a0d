"""Networks that a key may be used from: CIDR, v4 and v6."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.utils.translation import gettext


def parse(text: str) -> str:
    """Return the network as it is stored: "203.0.113.7" becomes "203.0.113.7/32".

    Raises: ValueError with a sentence for people.
    """
    try:
        return str(ip_network(text.strip()))
    except ValueError:
        pass
    try:
        meant = ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(
            gettext("“%(text)s” is not an address or network such as 203.0.113.0/24 or 2001:db8::/32.")
            % {"text": text[:64]}
        ) from None
    raise ValueError(
        gettext("“%(text)s” names an address within a network; did you mean %(meant)s?")
        % {"text": text[:64], "meant": meant}
    )


def contains(networks: Iterable[str], address: str) -> bool:
    """Whether one of the networks has this address. An address that is none is in no network."""
    try:
        here = _plain(ip_address(address))
    except ValueError:
        return False
    return any(here in ip_network(network) for network in networks)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the v4 address that a socket for both shows as ::ffff:a.b.c.d."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
