"""The points of Mozilla's HTTP Observatory, added up for one page: its tests with what each result is worth.

Source: github.com/mdn/mdn-http-observatory, src/grader/charts.js (points), src/analyzer/tests/ (rules), src/scanner/
(the sum), algorithm version 6. Left out: what cannot be seen from here is given no points (being on the preload list,
certificates), and what this site never has (Access-Control-Allow-Origin) must be absent.
"""

import re
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any

BASE, MINIMUM_FOR_EXTRA = 100, 90
HALF_A_YEAR_SECONDS = 15_768_000
BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "http://*.*", "https://*.*"}

# test → result → points
POINTS: dict[str, dict[str, int]] = {
    "content-security-policy": {"default none": 10, "no unsafe": 5, "unsafe style": 0, "insecure scheme": -20}
    | {"unsafe eval": -10, "unsafe": -20, "absent": -25},
    "cookies": {"secure, http only, same site": 5, "none": 0, "without same site": 0, "not secure": -20}
    | {"session script can read": -30, "session not secure": -40},
    "cross-origin-opener-policy": {"same-origin": 10, "same-origin-allow-popups": 10, "unsafe-none": 0, "": 0},
    "cross-origin-embedder-policy": {"require-corp": 10, "credentialless": 10, "unsafe-none": 0, "": 0},
    "cross-origin-resource-policy": {"same-origin": 10, "same-site": 10, "cross-origin": 0, "": 0},
    "cross-origin-resource-sharing": {"": 0},
    "redirection": {"to https on the same host": 0, "none": -20},
    "referrer-policy": {"private": 5, "absent": 0, "unsafe": -5},
    "strict-transport-security": {"half a year": 0, "shorter": -10, "absent": -20},
    "subresource-integrity": {"own scripts with integrity": 5, "own scripts": 0, "others over https": -5, "worse": -50},
    "x-content-type-options": {"nosniff": 0, "": -5},
    "x-frame-options": {"frame-ancestors": 5, "deny": 5, "sameorigin": 5, "": -20},
}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


@dataclass(frozen=True)
class Page:
    """What came: over HTTPS its headers (names in small letters), cookies and text; over HTTP where it led to."""

    headers: dict[str, str]
    cookies: list[Morsel[str]]
    text: str
    leads_to_https: bool = True


def score(page: Page) -> int:
    """Return the page's points: those above 100 count only where nothing much is wrong."""
    given = [POINTS[name][result] for name, result in results(page).items()]
    uncurved = BASE + sum(points for points in given if points < 0)
    return BASE + sum(given) if uncurved >= MINIMUM_FOR_EXTRA else uncurved


def results(page: Page) -> dict[str, str]:
    """Return each test's result by the words of `POINTS`. A header that is none of them is a KeyError there."""
    plain = {name: page.headers.get(name, "").lower() for name in POINTS}
    return plain | {
        "content-security-policy": _policy(page),
        "cookies": _cookies(page),
        "cross-origin-resource-sharing": page.headers.get("access-control-allow-origin", ""),
        "redirection": "to https on the same host" if page.leads_to_https else "none",
        "referrer-policy": _referrer(page),
        "strict-transport-security": _strict_transport(page),
        "subresource-integrity": _integrity(page),
        "x-frame-options": "frame-ancestors" if "frame-ancestors" in directives(page) else plain["x-frame-options"],
    }


def directives(page: Page) -> dict[str, set[str]]:
    """Return the content security policy by directive."""
    parts = (part.split() for part in page.headers.get("content-security-policy", "").split(";"))
    return {name.lower(): set(sources) for name, *sources in filter(None, parts)}


def _policy(page: Page) -> str:
    policy = directives(page)
    if not policy:
        return "absent"
    default = policy.get("default-src", {"*"})
    script, style, thing = (policy.get(f"{name}-src", default) for name in ("script", "style", "object"))
    every = set().union(*policy.values())
    if script & (BROAD | {"'unsafe-inline'", "data:"}) or thing & BROAD:
        return "unsafe"
    if any(source.startswith(("http:", "ftp:")) for source in every):
        return "insecure scheme"
    if "'unsafe-eval'" in script | style:
        return "unsafe eval"
    if style & (BROAD | {"'unsafe-inline'", "data:"}):
        return "unsafe style"
    return "default none" if default == {"'none'"} else "no unsafe"


def _cookies(page: Page) -> str:
    faults = []
    for cookie in page.cookies:
        is_session = "sess" in cookie.key.lower() or "login" in cookie.key.lower()
        if not cookie["secure"]:
            faults.append("session not secure" if is_session else "not secure")
        if is_session and not cookie["httponly"]:
            faults.append("session script can read")
        if not cookie["samesite"]:
            faults.append("without same site")
    worst = min(faults, key=POINTS["cookies"].__getitem__, default="secure, http only, same site")
    return worst if page.cookies else "none"


def _referrer(page: Page) -> str:
    policy = page.headers.get("referrer-policy", "").lower()
    if not policy:
        return "absent"
    return "private" if policy in PRIVATE else "unsafe"


def _strict_transport(page: Page) -> str:
    found = re.search(r"max-age=(\d+)", page.headers.get("strict-transport-security", ""))
    if found is None:
        return "absent"
    return "half a year" if int(found[1]) >= HALF_A_YEAR_SECONDS else "shorter"


def _integrity(page: Page) -> str:
    tags: list[Any] = re.findall(r"<script\b[^>]*>", page.text)
    sources = [(found[1], "integrity=" in tag) for tag in tags if (found := re.search(r'src="([^"]+)"', tag))]
    others = [(source, kept) for source, kept in sources if not re.match(r"/[^/]", source)]
    if not others:
        return "own scripts with integrity" if any(kept for _, kept in sources) else "own scripts"
    return "others over https" if all(source.startswith("https://") for source, _ in others) else "worse"
