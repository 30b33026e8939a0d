"""Where this server may connect when somebody else names the address: the open internet, and nothing near us.

An address is read strictly, so that no two readers can see different hosts in it; a name is looked up once, and every
address it leads to must be a public one. Who connects, connects to an address that was checked here and never looks
the name up again: a name that leads somewhere else a moment later gains nothing.

`WEBHOOK_ALLOW_PRIVATE` admits this machine and private networks, for tests and intranets; what lies beside a machine
in a data centre (link-local addresses, where clouds keep their secrets) is refused even then.
"""

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.utils.translation import gettext

from generation.errors import AddressRefused

IPAddress = IPv4Address | IPv6Address
# host, port -> the addresses it has, as text. Raises OSError where there is none.
Resolver = Callable[[str, int], list[str]]

URL_MAX_LENGTH = 2000
_STANDARD_PORTS = {"https": 443, "http": 80}

# Everything that a URL may hold here, and no more: what is not in it cannot be read in two ways.
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[a-z0-9._~!$&'()*+,;=:@%/-]*)?"
    r"(?P<query>\?[a-z0-9._~!$&'()*+,;=:@%/?\[\]-]*)?",
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
# A last label that is a number makes the host an IPv4 address to generous readers: 127.1, 0x7f.1, 017700000001.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain")

# Source: the IANA special-purpose address registries (IPv4 and IPv6), October 2025.
_PRIVATE = [
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("::1/128", "fc00::/7"),
    )
]
_NEVER = [
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24"),
        *("192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # a cloud's own service, on a public number
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20"),
    )
]
_GLOBAL_V6 = IPv6Network("2000::/3")
_TRANSLATED_V6 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Place:
    """An address taken apart: whom to call by which name."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_secure(self) -> bool:
        """Whether the line is encrypted."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """Return what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _STANDARD_PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str, *, is_plain_allowed: bool = False) -> Place:
    """Take an address apart. Nothing is looked up. Raises: AddressRefused with what to change.

    In production the line must be encrypted, unless `is_plain_allowed`: what is public needs no secrecy.
    """
    if len(url) > URL_MAX_LENGTH:
        raise AddressRefused(
            gettext("The address is %(count)s characters long; at most %(url_max_length)s are allowed.")
            % {"count": f"{len(url):,}", "url_max_length": f"{URL_MAX_LENGTH:,}"}
        )
    match = _URL.fullmatch(url)
    if match is None:
        raise AddressRefused(_what_is_wrong(url))
    scheme, path = match["scheme"].lower(), (match["path"] or "/") + (match["query"] or "")
    if scheme == "http" and settings.PRODUCTION and not (is_plain_allowed or settings.WEBHOOK_ALLOW_PRIVATE):
        raise AddressRefused(gettext("The address must begin with https://."))
    host = _host(match["v6"] or "", (match["name"] or "").lower().removesuffix("."))
    port = int(match["port"]) if match["port"] else _STANDARD_PORTS[scheme]
    _check_port(port)
    return Place(scheme, host, port, path)


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


def addresses_of(place: Place, *, timeout_seconds: float, resolver: Resolver = resolve) -> list[IPAddress]:
    """Look the host up, once, and return its addresses, all of them allowed.

    A name with one forbidden address among several is refused as a whole: nobody has it so by chance.

    Raises: AddressRefused; OSError when the name leads nowhere; TimeoutError.
    """
    literal = _literal(place.host)
    texts = [str(literal)] if literal else _resolve_in_time(place, resolver, timeout_seconds)
    addresses = [ip_address(text) for text in dict.fromkeys(texts)]
    if not addresses:
        raise OSError(gettext("the name has no address"))
    for address in addresses:
        check(address)
    return addresses


def check(address: IPAddress) -> None:
    """Raise AddressRefused unless the address is on the open internet (or private, where the setting admits those)."""
    if isinstance(address, IPv6Address) and address in _TRANSLATED_V6:
        # How a network without IPv4 of its own reaches an IPv4 host: the host counts.
        check(IPv4Address(int(address) & 0xFFFFFFFF))
        return
    if _is_in(address, _PRIVATE):
        if not settings.WEBHOOK_ALLOW_PRIVATE:
            raise AddressRefused(
                gettext("The address leads to a private network; only public addresses can be reached.")
            )
    elif _is_in(address, _NEVER) or (isinstance(address, IPv6Address) and not _is_global(address)):
        raise AddressRefused(
            gettext("The address leads to an address that is reserved; only public addresses can be reached.")
        )


# --- Parts ------------------------------------------------------------------------------------------------------


def _what_is_wrong(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in _STANDARD_PORTS:
        return gettext("The address must begin with https://.")
    if "@" in re.split(r"[/?#\\]", rest)[0]:
        return gettext("The address must not hold a user name or password.")
    if "#" in rest:
        return gettext("The address must not hold a “#”.")
    if not url.isascii():
        return gettext(
            "The address must be plain ASCII; write an international name in its xn-- form and encode the path."
        )
    return gettext("The address is not a web address; write it like https://example.com/path.")


def _host(v6: str, name: str) -> str:
    if v6:
        try:
            address: IPAddress = IPv6Address(v6)
        except ValueError:
            raise AddressRefused(gettext("The address has an IPv6 address that does not exist.")) from None
        check(address)
        return str(address)
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            address = IPv4Address(name)
        except ValueError:
            raise AddressRefused(
                gettext("The address must have an IP address as four numbers from 0 to 255.")
            ) from None
        check(address)
        return str(address)
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise AddressRefused(gettext("The address has a host name that does not exist."))
    is_local = len(labels) == 1 or name.endswith(tuple(f".{local}" for local in _LOCAL_NAMES))
    if is_local and not settings.WEBHOOK_ALLOW_PRIVATE:
        raise AddressRefused(gettext("The address has a local name; only public addresses can be reached."))
    return name


def _check_port(port: int) -> None:
    if not 0 < port < 65536:
        raise AddressRefused(gettext("The address has port %(port)s; ports go from 1 to 65535.") % {"port": port})
    if port not in settings.WEBHOOK_PORTS and not settings.WEBHOOK_ALLOW_PRIVATE:
        allowed = ", ".join(map(str, settings.WEBHOOK_PORTS))
        raise AddressRefused(
            gettext("The address has port %(port)s; allowed are %(allowed)s.") % {"port": port, "allowed": allowed}
        )


def _literal(host: str) -> IPAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _resolve_in_time(place: Place, resolver: Resolver, timeout_seconds: float) -> list[str]:
    """The system's resolver knows no deadline; a thread that is late is left behind."""
    answer: list[list[str]] = []
    trouble: list[OSError] = []

    def ask() -> None:
        try:
            answer.append(resolver(place.host, place.port))
        except (OSError, UnicodeError) as error:
            trouble.append(error if isinstance(error, OSError) else OSError(gettext("the name cannot be looked up")))

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(timeout_seconds)
    if trouble:
        raise trouble[0]
    if not answer:
        raise TimeoutError(gettext("the name was not looked up in time"))
    return answer[0]


def _is_in(address: IPAddress, networks: list[IPv4Network | IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _is_global(address: IPv6Address) -> bool:
    """Everything else is mapped, compatible, unspecified, link-local, multicast, or not given out yet."""
    return address in _GLOBAL_V6 and address.scope_id is None
