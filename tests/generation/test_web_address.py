"""Two hundred addresses that must not be reached, and the few that may. No connection is made for any of them."""

import time
from ipaddress import ip_address

import pytest
from django.conf import LazySettings

from generation import web_address
from generation.errors import AddressRefused
from generation.web_address import Place

# Literal hosts: near us, reserved, or written so that two readers see two hosts.
_V4 = [
    *("0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.64.0.1"),
    *("100.100.100.200", "100.127.255.255", "127.0.0.1", "127.0.0.2", "127.1.1.1", "127.255.255.254"),
    *("169.254.0.1", "169.254.169.254", "169.254.169.253", "169.254.170.2", "169.254.255.255", "168.63.129.16"),
    *("172.16.0.1", "172.17.0.1", "172.20.10.1", "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170"),
    *("192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.1.1", "192.168.255.255", "192.175.48.1"),
    *("192.31.196.1", "192.52.193.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
    *("224.0.0.251", "239.255.255.250", "239.255.255.255", "240.0.0.1", "250.1.1.1", "255.255.255.254"),
    "255.255.255.255",
]
_V4_IN_DISGUISE = [
    *("2130706433", "017700000001", "0x7f000001", "0x7F000001", "0X7F000001", "127.1", "127.0.1", "127.0x1", "0x7f.1"),
    *("0x7f.0.0.1", "0177.0.0.1", "0177.0.0.01", "00127.0.0.1", "127.0.0.01", "127.00.0.1", "127.0.0.0x1", "0"),
    *("0x0", "00", "0.0", "1", "1.1", "8.8.8", "8.8.8.8.8", "256.1.1.1", "1.1.1.256", "127.0.0.1.", "10.0.0.1."),
    *("3232235777", "0xc0a80101", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "0xa9.0xfe.0xa9.0xfe"),
    *("169.254.43518", "169.16689662", "4294967295", "4294967296", "99999999999999999999", "127.0.0.1%00"),
    *("127。0。0。1", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "127.0.0.1\t", "127.0.0.1\n", "127.0.0.1 ", "127..1"),
    *("0x", "0xg", "example.0x7f", "example.1", "09.08.07.06"),
]
_V6 = [
    *("::", "::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0:1", "::ffff:127.0.0.1"),
    *("::ffff:7f00:1", "::FFFF:7F00:0001", "0:0:0:0:0:ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"),
    *("::ffff:a9fe:a9fe", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8", "::127.0.0.1", "::7f00:1"),
    *("::8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe"),
    *("64:ff9b::192.168.1.1", "64:ff9b::0.0.0.0", "64:ff9b:1::8.8.8.8", "64:ff9b:1::1", "100::1", "100:0:0:1::1"),
    *("2001::1", "2001:0:7f00:1::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1"),
    *("2002:a00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "3ffe::1", "4000::1"),
    *("5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fd12:3456:789a::1", "fdff:ffff::1", "fe80::1", "fe80::a:b"),
    *("febf::1", "fec0::1", "ff00::1", "ff02::1", "ff05::2", "ffff::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    *("::ffff:127.1", "::ffff:0x7f.1", "::1%lo", "fe80::1%eth0", "fe80::1%25eth0", "1::2::3", ":::", "g::1", "1.2.3.4"),
]
_NAMES = [
    *("localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "a.localhost", "a.b.localhost.", "printer"),
    *("metadata", "router.local", "db.internal", "metadata.google.internal", "wiki.intranet", "nas.lan"),
    *("box.home.arpa", "a..example.com", ".example.com", "-a.example.com", "a-.example.com", "exam ple.com"),
    *("exam\tple.com", "example.com\\@127.0.0.1", "example.com%2f@127.0.0.1", "%6c%6f%63alhost", "ｌocalhost"),
    *("loc\u00adalhost", "localhoſt", "münchen.example", "a" * 64 + ".com", ".".join(["a" * 60] * 5), "", ".", ".."),
    *("[::1", "::1", "127.0.0.1:80:80", "example.com:", "example.com:0", "example.com:65536", "example.com:99999"),
    *("example.com:-1", "example.com:+443", "example.com:4_43", "example.com:22", "example.com:25", "example.com:6379"),
    *("example.com:5432", "example.com:11211", "example.com:2375", "example.com:443443443"),
]
_WHOLE = [
    *("https://user@example.com/", "https://user:pass@example.com/", "https://@example.com/", "https://:@example.com/"),
    *("https://example.com@127.0.0.1/", "https://127.0.0.1@example.com/", "https://example.com#@127.0.0.1/"),
    *("https://example.com/#top", "https://example.com\\.evil.example/", "https:\\\\127.0.0.1/", "https:/127.0.0.1/"),
    *("https:127.0.0.1", "//127.0.0.1/", "127.0.0.1", "example.com/hook", "", " ", "https://", "http://", "https:///x"),
    *("ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_x", "dict://127.0.0.1:11211/stat"),
    *(
        "javascript:alert(1)",
        "data:text/plain,x",
        "unix:///run/docker.sock",
        "jar:https://127.0.0.1!/",
        "ws://a.example/",
    ),
    *(" https://example.com/", "https://example.com/ x", "https://example.com/\r\nX: y", "https://example.com/\x00"),
    *("https://example.com/\x7f", "https://example.com/{a}", "https://exa\nmple.com/", "ht\ntps://127.0.0.1/"),
    *("https://example.com/" + "a" * 2000, "https://example.com/ü", 'https://example.com/"', "https://example.com/<a>"),
]
URLS = [
    *(f"https://{host}/hook" for host in _V4 + _V4_IN_DISGUISE + _NAMES),
    *(f"https://[{host}]/hook" for host in _V6),
    *_WHOLE,
]
# What names lead to, in one look-up each: one address near us among several is one too many.
ANSWERS = [
    *([address] for address in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.7", "172.16.3.4", "100.64.9.9")),
    *(
        [address]
        for address in ("::1", "fd00:ec2::254", "fe80::1%eth0", "fe80::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8")
    ),
    *(
        [address]
        for address in ("64:ff9b::7f00:1", "2002:7f00:1::1", "::127.0.0.1", "0.0.0.0", "::", "255.255.255.255")
    ),
    *(["8.8.8.8", address] for address in ("127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "64:ff9b::a00:1")),
    *([address, "2606:4700::1111"] for address in ("224.0.0.1", "192.168.1.1", "fd00::1")),
]


def test_there_are_two_hundred_and_more() -> None:
    assert len(set(URLS)) + len(ANSWERS) >= 200
    assert len(set(URLS)) == len(URLS)


@pytest.mark.parametrize("url", URLS)
def test_an_address_near_us_is_refused_before_anything_is_looked_up(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        web_address.parse(url)

    assert str(caught.value).startswith("The address ")


@pytest.mark.parametrize("answer", ANSWERS, ids="+".join)
def test_a_name_that_leads_near_us_is_refused(answer: list[str]) -> None:
    place = web_address.parse("https://hooks.example.com/")

    with pytest.raises(AddressRefused, match="only public addresses"):
        web_address.addresses_of(place, timeout_seconds=5, resolver=lambda _host, _port: answer)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://example.com", Place("https", "example.com", 443, "/")),
        ("HTTPS://Example.COM/Hook?a=1&b[]=2", Place("https", "example.com", 443, "/Hook?a=1&b[]=2")),
        ("https://example.com:8443/a%20b", Place("https", "example.com", 8443, "/a%20b")),
        ("https://xn--mnchen-3ya.example./x", Place("https", "xn--mnchen-3ya.example", 443, "/x")),
        ("https://my_hooks.example.com?x", Place("https", "my_hooks.example.com", 443, "/?x")),
        ("https://8.8.8.8/", Place("https", "8.8.8.8", 443, "/")),
        ("https://[2606:4700:0::1111]/", Place("https", "2606:4700::1111", 443, "/")),
        ("https://[64:ff9b::808:808]/", Place("https", "64:ff9b::808:808", 443, "/")),
    ],
)
def test_a_public_address_is_taken_apart(url: str, place: Place) -> None:
    assert web_address.parse(url) == place


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://example.com", "example.com"),
        ("https://example.com:8443", "example.com:8443"),
        ("http://example.com:443", "example.com:443"),
        ("https://[2606:4700::1111]", "[2606:4700::1111]"),
    ],
)
def test_the_host_header_names_the_host(url: str, authority: str) -> None:
    assert web_address.parse(url).authority == authority


def test_a_name_is_looked_up_once() -> None:
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return ["8.8.8.8", "8.8.8.8", "2606:4700::1111"] if len(asked) == 1 else ["127.0.0.1"]

    place = web_address.parse("https://hooks.example.com/")
    found = web_address.addresses_of(place, timeout_seconds=5, resolver=resolver)

    assert found == [ip_address("8.8.8.8"), ip_address("2606:4700::1111")]
    assert asked == [("hooks.example.com", 443)]


def test_an_ip_address_is_never_looked_up() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        raise AssertionError("looked up")

    place = web_address.parse("https://8.8.8.8/")

    assert web_address.addresses_of(place, timeout_seconds=5, resolver=resolver) == [ip_address("8.8.8.8")]


def test_a_slow_resolver_is_left_behind() -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        time.sleep(0.5)
        return ["8.8.8.8"]

    with pytest.raises(TimeoutError):
        web_address.addresses_of(web_address.parse("https://a.example/"), timeout_seconds=0.05, resolver=resolver)


@pytest.mark.parametrize("answer", [[], OSError("no such name"), UnicodeError("too long")])
def test_a_name_that_leads_nowhere_says_so(answer: list[str] | Exception) -> None:
    def resolver(_host: str, _port: int) -> list[str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(OSError, match=r"no|looked up"):
        web_address.addresses_of(web_address.parse("https://a.example/"), timeout_seconds=5, resolver=resolver)


def test_production_wants_tls(settings: LazySettings) -> None:
    assert not web_address.parse("http://example.com/").is_secure

    settings.PRODUCTION = True

    with pytest.raises(AddressRefused, match="https"):
        web_address.parse("http://example.com/")


@pytest.mark.parametrize(
    "url", ["http://localhost:5000/", "http://127.0.0.1:9/", "http://10.0.0.1/", "http://[::1]:80/"]
)
def test_the_setting_admits_this_machine_and_private_networks(url: str, settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True

    assert web_address.parse(url).host


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/", "http://0.0.0.0/", "http://[fe80::1]/", "http://224.0.0.1/", "http://2130706433/"],
)
def test_the_setting_admits_no_more_than_that(url: str, settings: LazySettings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = True

    with pytest.raises(AddressRefused):
        web_address.parse(url)
