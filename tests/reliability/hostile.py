"""Requests that nobody means well: what a form sends with one thing or another wrong, made by hypothesis.

Most of a request is as the page would have sent it, so that what is wrong gets past the first look.
"""

import io
import string
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st
from PIL import Image

from tests.reliability.page_forms import Field

_BOUNDARY = b"fifteen-foxes"
Pair = tuple[bytes, bytes | tuple[bytes, bytes, bytes]]  # name → value, or file's name, kind and content

# Bytes as they travel: what is no UTF-8, half of a surrogate pair, and NUL among them.
WORDS: tuple[bytes, ...] = (
    b"",
    b" ",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "\U0001f98a\u202e\u0301\ufeff".encode(),
    "İıſßﬃ".encode(),
    b"x" * 300,
    b"x" * 5_000,
    b"fox " * 25_000,
    b"\r\nSet-Cookie: a=b",
    b"%s %(x)s {0} {{ x }} %00",
    b"' OR 1=1 --\"<script>",
    b"../../../etc/passwd",
    b"javascript:alert(1)",
    b"http://[::1",
    b"https://user:pw@host:99999/\x00",
    b"//evil.example/\\@",
    b"fox@\xe2\x80\x8bexample..com",
    b"[]",
    b"{}",
    b"null",
    b'"fox"',
    b'{"id": "\\ud800", "rawId": 1, "type": null, "response": []}',
    b'["\\u0000", 1e999]',
    b"[" * 2_000,
    b'{"a":' * 500,
)
NUMBERS: tuple[bytes, ...] = (
    *(b"0", b"-1", b"1", b"00", b"1.5", b"1e400", b"-0.0", b"NaN", b"inf", b"1_000", b"0x10", b"+7", b"1,5"),
    *(str(2**power).encode() for power in (15, 31, 32, 63, 64, 200)),
    *(str(-(2**power) - 1).encode() for power in (31, 63)),
    b"9" * 5_000,
    "٣".encode(),
    "１２".encode(),
    "²".encode(),
    b"1e",
    b"-",
)
MOMENTS: tuple[bytes, ...] = (
    *(b"0001-01-01", b"9999-12-31", b"2026-02-30", b"2026-11-28T25:61", b"0000-00-00", b"12:00", b"999999-01-01"),
    *(b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-12:00", b"2026-W54-9", b"1900-02-29"),
)
IDS: tuple[bytes, ...] = (
    *(b"00000000-0000-0000-0000-000000000000", b"ffffffff-ffff-ffff-ffff-ffffffffffff", b"not-an-id"),
    *(b"{01900000-0000-7000-8000-000000000000}", b"urn:uuid:01900000000070008000000000000000"),
)
_USUAL = {"number": b"1", "email": b"fox@example.com", "url": b"https://example.com/", "checkbox": b"on"}
_KINDS = {"number": NUMBERS, "range": NUMBERS, "date": MOMENTS, "datetime-local": MOMENTS, "time": MOMENTS}
_HEADERS: dict[str, tuple[str, ...]] = {
    "Accept": ("*/*", "application/json", "text/html;q=x", ",,,", "\xff"),
    "Accept-Language": ("de", "*", "xx-" * 200, "en;q=nan", "\xff\xfe"),
    "Cookie": (
        "csrftoken=x; messages=broken; django_language=xx; theme=\xff",
        "sessionid=",
        "a" * 4_000,
        "=;;=",
        "r=x",
    ),
    "HX-Current-URL": ("http://[", "javascript:", "\xff", "http://testserver/create/?before=\xff"),
    "HX-Target": ("x" * 500, "\xff"),
    "If-Modified-Since": ("yesterday", "Thu, 01 Jan 0001 00:00:00 GMT", "Sat, 99 Nov 99999 99:99:99 GMT"),
    "If-None-Match": ("*", '"', 'W/"x", "', "\xff"),
    "Range": ("bytes=0-", "bytes=5-1", "bytes=-0", "bytes=" + "9" * 30 + "-", "bytes=0-0,1-1", "foxes=1-2", "bytes=٣-"),
    "Referer": ("http://[", "//x", "\xff", "http://testserver/" + "x" * 3_000),
    "User-Agent": ("", "\xff" * 300, "x" * 5_000),
    "X-Forwarded-For": ("1.2.3.4, x", "::1%eth0", "999.1.1.1", "\xff"),
    "X-Forwarded-Proto": ("https", "x"),
}


@dataclass(frozen=True)
class Sent:
    """A request: `path` and `query` as they stand in its first line."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    content_type: str = ""
    body: bytes = b""

    def __str__(self) -> str:
        shown = self.body if len(self.body) < 600 else self.body[:500] + b"..."
        query = self.query if len(self.query) < 600 else self.query[:500] + "..."
        return f"{self.method} {self.path[:300]}?{query} {self.headers} {self.content_type} {shown!r}"


def requests(method: str, path: str, parts: Sequence[str], fields: Sequence[Field]) -> st.SearchStrategy[Sent]:
    """Make requests of one form. `parts`: the words of its path that stand for something, which may be others."""
    paths = _paths(path, parts)
    headers = _headers()
    if method == "GET":
        return st.builds(
            lambda to, said, more: Sent("GET", to, _urlencoded(said), more), paths, _pairs(fields), headers
        )
    bodies = _pairs(fields).flatmap(_bodies)
    return st.builds(lambda to, said, more: Sent("POST", to, "", more, said[0], said[1]), paths, bodies, headers)


def _paths(path: str, parts: Sequence[str]) -> st.SearchStrategy[str]:
    """Keep the path three times of four; else one of its words is another, escaped."""
    if not parts:
        return st.just(path)
    other = st.sampled_from([word for word in (*WORDS, *NUMBERS, *IDS) if 0 < len(word) < 400]).map(quote_from_bytes)
    changed = st.builds(
        lambda part, word: path.replace(part, word.replace("/", "%2F"), 1), st.sampled_from(list(parts)), other
    )
    return st.one_of(st.just(path), st.just(path), st.just(path), changed)


def _headers() -> st.SearchStrategy[dict[str, str]]:
    one = st.sampled_from([(name, value) for name, values in _HEADERS.items() for value in values])
    odd = st.lists(one, min_size=1, max_size=3).map(dict)
    htmx = st.sampled_from([{}, {"HX-Request": "true"}])
    return st.builds(lambda a, b: {**a, **b}, htmx, st.one_of(st.just({}), st.just({}), st.just({}), odd))


def _pairs(fields: Sequence[Field]) -> st.SearchStrategy[list[Pair]]:
    """Return a form as sent, in which up to three fields are not as they should be."""

    @st.composite
    def make(draw: st.DrawFn) -> list[Pair]:
        places = range(len(fields))
        odd = draw(st.sets(st.sampled_from(places), max_size=3)) if fields else set()
        said: list[Pair] = []
        for place, field in enumerate(fields):
            # What a page offers in several kinds, such as buttons, it sends one of, or none.
            if (
                field.kind in ("button", "submit", "radio", "checkbox", "link")
                and place not in odd
                and draw(st.booleans())
            ):
                continue
            name = field.name.encode()
            if place in odd:
                said.extend(draw(_oddly(name, field)))
            else:
                said.append((name, draw(_usual(field))))
        if draw(st.integers(0, 9)) == 0:
            said.extend(draw(st.lists(st.tuples(_any_word(), _any_word()), min_size=1, max_size=3)))
        return said

    return make()


def _usual(field: Field) -> st.SearchStrategy[bytes | tuple[bytes, bytes, bytes]]:
    if field.kind == "file":
        return st.just((b"fox.png", b"image/png", _PICTURE))
    if field.values:
        return st.sampled_from([value.encode() for value in field.values])
    return st.just(_USUAL.get(field.kind, b"a red fox"))


def _oddly(name: bytes, field: Field) -> st.SearchStrategy[list[Pair]]:
    """Return the field missing, repeated, of another kind, under another name, or with another value."""
    value = _values(field)
    return st.one_of(
        value.map(lambda one: [(name, one)]),
        value.map(lambda one: [(name, one)]),
        value.map(lambda one: [(name, one)]),
        st.just([]),
        st.lists(value, min_size=2, max_size=4).map(lambda many: [(name, one) for one in many]),
        _files().map(lambda file: [(name, file)]),
        value.map(lambda one: [(name + b"[]", one), (name + b"\x00", one)]),
    )


def _values(field: Field) -> st.SearchStrategy[bytes]:
    fitting = _KINDS.get(field.kind, WORDS)
    offered = [value.encode() for value in field.values if value]
    twisted = (
        st.sampled_from([form(value) for value in offered for form in _TWISTS]) if offered else st.sampled_from(IDS)
    )
    return st.one_of(st.sampled_from(fitting), _any_word(), twisted)


_TWISTS = (
    bytes.upper,
    lambda text: text + b"\x00",
    lambda text: text + b" ",
    lambda text: b"-" + text,
    lambda text: text * 50,
)


def _any_word() -> st.SearchStrategy[bytes]:
    pools = [st.sampled_from(pool) for pool in (WORDS, NUMBERS, MOMENTS, IDS)]
    text = st.text(max_size=30).map(lambda words: words.encode("utf-8", "surrogatepass"))
    return st.one_of(*pools, text, st.binary(max_size=12))


def _files() -> st.SearchStrategy[tuple[bytes, bytes, bytes]]:
    names = st.sampled_from(
        [b"fox.png", b"", b"../../fox.png", b"fox\x00.png", b"\xff.png", b"x" * 400 + b".png", b'"; x="']
    )
    kinds = st.sampled_from([b"image/png", b"text/html", b"", b"\xff", b"image/svg+xml", b"application/zip"])
    contents = st.sampled_from(
        [_PICTURE, b"", _PICTURE[:60], b"\x00" * 100, b"<svg/>", b"PK\x03\x04" + b"\x00" * 40, b"GIF89a"]
    )
    return st.tuples(names, kinds, contents)


def _bodies(said: list[Pair]) -> st.SearchStrategy[tuple[str, bytes]]:
    """Return the kind and the body: as a browser sends it, seldom as no browser would."""
    has_file = any(isinstance(value, tuple) for _, value in said)
    multipart = (f"multipart/form-data; boundary={_BOUNDARY.decode()}", _multipart(said))
    plain = multipart if has_file else ("application/x-www-form-urlencoded", _urlencoded(said).encode())
    wrong = [
        ("multipart/form-data", multipart[1]),
        ("multipart/form-data; boundary=\xff", multipart[1]),
        (multipart[0], multipart[1][: len(multipart[1]) // 2]),
        (multipart[0], b"--" + _BOUNDARY),
        ("application/x-www-form-urlencoded; charset=nothing", plain[1]),
        ("application/x-www-form-urlencoded; charset=utf-16", plain[1]),
        ("application/json", b'{"a": [1, "\\ud800"]}'),
        ("text/plain", plain[1]),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 1_200)),
        ("", b""),
    ]
    usual = [plain] * 12 + [multipart] * 4
    return st.sampled_from([*usual, *wrong])


def _urlencoded(said: list[Pair]) -> str:
    safe = string.ascii_letters
    return "&".join(
        f"{quote_from_bytes(name, safe=safe)}={quote_from_bytes(value[0] if isinstance(value, tuple) else value)}"
        for name, value in said
    )


def _multipart(said: list[Pair]) -> bytes:
    parts = []
    for name, value in said:
        head = b'Content-Disposition: form-data; name="' + name.replace(b'"', b"%22") + b'"'
        if isinstance(value, tuple):
            file, kind, content = value
            head += b'; filename="' + file + b'"\r\nContent-Type: ' + kind
        else:
            content = value
        parts.append(b"--" + _BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + b"--" + _BOUNDARY + b"--\r\n"


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 90, 30)).save(file, "PNG")
    return file.getvalue()


_PICTURE = _picture()
