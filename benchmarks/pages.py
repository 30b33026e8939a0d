"""(h) Pages in Chromium: Lighthouse, the script a page loads, what a second view costs, how small thumbnails are.

Lighthouse comes from npm at its first use and stays in var/. Its performance score is told and not judged: it is the
machine's. Everything judged is a count of bytes or points, so that a busy machine changes nothing.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks import cpu
from benchmarks.children import ROOT
from benchmarks.comparison import Bound, Outcome, Part
from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, Site, serving
from benchmarks.visitors import Visitor, Wish, rich_visitors
from tests import services

LIGHTHOUSE = "13.5.0"
FOLDER = ROOT / "var" / f"lighthouse-{LIGHTHOUSE}"
# What Lighthouse looks at, at a desk and on a phone; two of them as somebody who is signed in.
SIGNED_IN = {"generate", "gallery"}
SIZES = {"": ["--preset=desktop"], " on a phone": []}
PAGES = {"landing": "/", "generate": "/create/", "gallery": "/library/", "pricing": "/pricing/", "docs": "/docs/"}
MORE_PAGES = (
    *("/guides/", "/guides/steps/", "/faq/", "/status/", "/wishes/", "/models/", "/video/", "/verify/"),
    *("/settings/billing/", "/settings/api-keys/", "/settings/webhooks/", "/docs/playground/"),
)
# Category → the least points.
POINTS = {"accessibility": 100, "best-practices": 95, "seo": 100}
SHIFT_AT_MOST = 0.05
SCRIPT_AT_MOST = 60 * 1024
SECOND_VIEW_AT_MOST = 0.05
THUMBNAIL_AT_MOST = 0.1
_PICTURES = 12
# The second is a very small PNG, which its thumbnail may have a tenth of.
_PROMPTS = ("a fox on a light blue background", "three apples on a white background")
_PATIENCE_SECONDS = 300.0
# A page that the browser has is asked for again and answered so.
_SHOWN = {200, 304}
_BYTES = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
    entry => [new URL(entry.name).pathname, entry.encodedBodySize, entry.transferSize])"""


@dataclass(frozen=True)
class Weighed:
    """A page's bytes, compressed as they travel: its scripts, the first view, and the next one over the network."""

    path: str
    script: int
    first: int
    second: int


def measure(place: Place) -> Outcome:
    """(h) Each figure as a share of its bound, the worst. Raises: BenchmarkFailed."""
    with serving(place, "pages") as site, psycopg.connect(place.database_url, autocommit=True) as connection:
        server = cpu.postgres_server(connection)
        (visitor,) = rich_visitors(place, site, 1)
        _draw(place, visitor)
        began, before = time.monotonic(), cpu.read(site.parts(), server)
        reports = {
            name + size: _lighthouse(site, path, visitor.cookies if name in SIGNED_IN else {}, options)
            for name, path in PAGES.items()
            for size, options in SIZES.items()
        }
        weighed = _weigh(site, [*PAGES.values(), *MORE_PAGES], visitor.cookies)
        spent, wall = cpu.read(site.parts(), server).since(before), time.monotonic() - began
        thumbnails = _thumbnails(place)
    figures = {"wall, s": wall, **{f"CPU of {part}, s": seconds for part, seconds in spent.parts.items()}}
    return _outcome(reports, weighed, thumbnails, {**figures, "CPU of PostgreSQL, s": spent.postgres})


def _draw(place: Place, visitor: Visitor) -> None:
    """Fill the gallery."""
    for seed in range(_PICTURES):
        visitor.generate(Wish(_PROMPTS[seed % len(_PROMPTS)], seed, 8))
    end = time.monotonic() + _PATIENCE_SECONDS
    with psycopg.connect(place.database_url, autocommit=True) as connection:
        while time.monotonic() < end:
            row = connection.execute("SELECT count(*) FROM generation_image").fetchone()
            if row and row[0] >= _PICTURES:
                return
            time.sleep(0.5)
    raise BenchmarkFailed(f"{_PICTURES} pictures were not drawn in {_PATIENCE_SECONDS:.0f} s")


def _lighthouse(site: Site, path: str, cookies: Mapping[str, str], options: Sequence[str]) -> dict[str, float]:
    """Return a page's points by category, its layout shift, and how many requests to others hold its drawing up."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    command = [str(_lighthouse_binary()), f"http://127.0.0.1:{site.port}{path}", "--quiet", *options]
    command += ["--output=json", "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage"]
    command += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "CHROME_PATH": services.chromium_path(), "HOME": "/tmp"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    if done.returncode != 0:
        raise BenchmarkFailed(f"Lighthouse could not look at {path}:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return read_report(report, site.port, path)


def read_report(report: Mapping[str, Any], port: int, path: str) -> dict[str, float]:
    """Return what Lighthouse found of the page. Raises: BenchmarkFailed where it looked at another, or at an error."""
    if error := report.get("runtimeError"):
        raise BenchmarkFailed(f"Lighthouse could not look at {path}: {error['message']}")
    requests = report["audits"]["network-requests"]["details"]["items"]
    shown = report["finalDisplayedUrl"]
    documents = [request for request in requests if request["url"] == shown.partition("#")[0]]
    _expect(path, documents[0]["statusCode"] if documents else None, shown)
    found = {name: 100 * float(category["score"]) for name, category in report["categories"].items()}
    found["shift"] = float(report["audits"]["cumulative-layout-shift"]["numericValue"])
    found["foreign"] = float(sum(f"//127.0.0.1:{port}/" not in request["url"] for request in requests
                                 if request["url"].startswith("http")))  # fmt: skip
    return found


def _expect(path: str, status: int | None, url: str) -> None:
    """Refuse an error, and another page than the one that was asked for. Raises: BenchmarkFailed."""
    shown = urlsplit(url).path
    if status not in _SHOWN or shown != path:
        raise BenchmarkFailed(f"{path} could not be measured: {status or 'no status'} at {shown}")


def _lighthouse_binary() -> Path:
    """Return where Lighthouse is, fetched with npm where it is not there yet. Raises: BenchmarkFailed."""
    binary = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if binary.exists():
        return binary
    npm = shutil.which("npm")
    if npm is None:
        raise BenchmarkFailed("npm is not on this machine: Lighthouse cannot be fetched.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
    done = subprocess.run([*command, f"lighthouse@{LIGHTHOUSE}"], capture_output=True, text=True, check=False)
    if done.returncode != 0 or not binary.exists():
        raise BenchmarkFailed(f"npm could not fetch Lighthouse {LIGHTHOUSE}:\n{done.stderr[-2000:]}")
    return binary


def _weigh(site: Site, paths: Sequence[str], cookies: Mapping[str, str]) -> list[Weighed]:
    """Open each page twice, with an empty cache and with what the first view left there."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium_path(), args=["--no-sandbox"])
        for path in paths:
            context = browser.new_context()
            url = f"http://127.0.0.1:{site.port}"
            context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
            first, second = view(context, url, path), view(context, url, path)
            script = sum(size for name, size, _ in first if name.endswith(".js"))
            page = sum(max(0, travelled) for *_, travelled in first)
            again = sum(max(0, travelled) for *_, travelled in second)
            found.append(Weighed(path, script, page, again))
            context.close()
        browser.close()
    return found


def view(context: BrowserContext, url: str, path: str) -> list[tuple[str, int, int]]:
    """Open a page; returns of it and of what it loads the path and the bytes, whole and over the network.

    Raises: BenchmarkFailed where it is an error, or leads elsewhere.
    """
    page = context.new_page()
    answer = page.goto(url + path, wait_until="networkidle")
    _expect(path, answer.status if answer else None, page.url)
    sizes: list[tuple[str, int, int]] = [tuple(entry) for entry in page.evaluate(_BYTES)]
    page.close()
    return sizes


def _thumbnails(place: Place) -> list[float]:
    """Return each picture's smaller copies ÷ its PNG, in bytes."""
    with psycopg.connect(place.database_url) as connection:
        rows = connection.execute("SELECT thumbnail_320, thumbnail_640, size_bytes FROM generation_image").fetchall()
    media = place.data_dir / "media"
    return [(media / name).stat().st_size / size for *names, size in rows for name in names]


def _outcome(
    reports: Mapping[str, Mapping[str, float]],
    weighed: Sequence[Weighed],
    thumbnails: Sequence[float],
    spent: Mapping[str, float | None],
) -> Outcome:
    shares: dict[str, float] = {}
    for name, report in reports.items():
        for category, least in POINTS.items():
            shares[f"{category} of {name}"] = least / max(report[category], 1)
        shares[f"layout shift of {name}"] = report["shift"] / SHIFT_AT_MOST
        # Nothing of others at all: the least that none can be a share of.
        shares[f"requests of {name} to others"] = 2 * report["foreign"]
    for page in weighed:
        shares[f"scripts of {page.path}"] = page.script / SCRIPT_AT_MOST
        shares[f"second view of {page.path}"] = page.second / page.first / SECOND_VIEW_AT_MOST
    shares["thumbnails"] = max(thumbnails) / THUMBNAIL_AT_MOST
    worst = max(shares, key=lambda name: shares[name])
    heaviest = max(weighed, key=lambda page: page.script)
    lines = [
        *(f"{name}: {_points(report)}, layout shift {report['shift']:.4f}" for name, report in reports.items()),
        f"most script: {heaviest.script / 1024:.1f} KiB compressed, on {heaviest.path}",
        f"a second view takes at most {max(page.second / page.first for page in weighed):.2%} of the first's bytes: "
        + ", ".join(f"{page.path} {page.second / page.first:.2%}" for page in weighed),
        f"thumbnails are at most {max(thumbnails):.3f} of their PNG's bytes",
        "what the site took meanwhile: " + ", ".join(f"{words} {figure or 0:.1f}" for words, figure in spent.items()),
        f"nearest to its bound, or beyond: {worst}",
    ]
    details = {"reports": dict(reports), "pages": [page.__dict__ for page in weighed], "shares": shares}
    title = "pages in Chromium, each figure as a share of its bound, the worst"
    bound, parts = Bound(1.0, is_ceiling=True), _parts(reports, weighed, thumbnails)
    judged, sides = shares[worst], {"site": dict(spent)}
    return Outcome("h", title, bound, list(shares.values()), judged, lines, details, parts, sides, in_pairs=False)


def _parts(
    reports: Mapping[str, Mapping[str, float]], weighed: Sequence[Weighed], thumbnails: Sequence[float]
) -> list[Part]:
    """Return each figure by itself, page by page; the worst page's is judged."""
    parts = [_worst(f"points for {name}", least, [report[name] for report in reports.values()], is_ceiling=False)
             for name, least in POINTS.items()]  # fmt: skip
    script = [page.script / 1024 for page in weighed]
    return [
        *parts,
        _worst("layout shift", SHIFT_AT_MOST, [report["shift"] for report in reports.values()]),
        _worst("requests to others", 0, [report["foreign"] for report in reports.values()]),
        _worst("script, KiB", SCRIPT_AT_MOST / 1024, script),
        _worst("second view ÷ first, bytes", SECOND_VIEW_AT_MOST, [page.second / page.first for page in weighed]),
        _worst("thumbnail ÷ its PNG, bytes", THUMBNAIL_AT_MOST, thumbnails),
    ]


def _worst(title: str, value: float, figures: Sequence[float], *, is_ceiling: bool = True) -> Part:
    return Part(title, Bound(value, is_ceiling), list(figures), max(figures) if is_ceiling else min(figures))


def _points(report: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {report[name]:.0f}" for name in (*POINTS, "performance"))
