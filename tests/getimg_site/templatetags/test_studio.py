import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine

from getimg_site.templatetags import studio
from tests.rules.tree import ROOT


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [(128, 128, "ratio-100"), (1344, 768, "ratio-175"), (160, 96, "ratio-167"), (10, 4000, "ratio-25")],
)
def test_a_thing_gets_the_class_of_its_shape(width: int, height: int, name: str) -> None:
    assert studio.ratio_class(SimpleNamespace(width=width, height=height)) == name


def test_every_class_of_a_shape_stands_in_the_style_sheet() -> None:
    sheet = (ROOT / "static/css/ratios.css").read_text()
    ratios = {int(name): float(ratio) for name, ratio in re.findall(r"\.ratio-(\d+)\{--ratio:([\d.]+)\}", sheet)}

    assert ratios == {n: n / 100 for n in range(studio.RATIO_MIN, studio.RATIO_MAX + 1)}


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (
            datetime(2026, 12, 28, 12, tzinfo=UTC),
            '<time datetime="2026-12-28T12:00:00+00:00" data-format="day">28 Dec</time>',
        ),
        (
            datetime(2027, 10, 1, tzinfo=UTC),
            '<time datetime="2027-10-01T00:00:00+00:00" data-format="date">1 Oct 2027</time>',
        ),
    ],
)
def test_a_day_to_come_is_told_with_its_year_where_that_is_far(moment: datetime, text: str) -> None:
    with time_machine.travel(datetime(2026, 11, 28, tzinfo=UTC)):
        assert studio.short_day(moment) == text


def test_every_icon_of_the_templates_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (ROOT / "static" / studio.SPRITE).read_text()))
    used = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())
    }

    assert used
    assert used - sprite == set()


def test_an_icon_is_decoration_and_names_its_symbol() -> None:
    assert studio.icon("x", "small") == (
        '<svg class="icon icon-small" aria-hidden="true" focusable="false">'
        '<use href="/static/vendor/lucide-1.62.0.svg#x"></use></svg>'
    )


@pytest.mark.parametrize(("number", "text"), [(0, "0 credits"), (1, "1 credit"), (4200, "4,200 credits")])
def test_a_number_comes_with_its_noun(number: int, text: str) -> None:
    assert studio.counted(number, "credit") == text


@pytest.mark.parametrize(
    ("size", "text"), [(812, "812 B"), (31_400, "31 KB"), (1_440_000, "1.4 MB"), (15_300_000_000, "15.3 GB")]
)
def test_a_file_has_a_size_people_read(size: int, text: str) -> None:
    assert studio.file_size(size) == text


def test_every_form_gets_a_key_of_its_own() -> None:
    assert studio.new_key() != studio.new_key()


@pytest.mark.parametrize(
    ("says", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Safari/537",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Safari/604",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
        ("curl/8.9.1", "curl/8.9.1"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_has_a_name_that_people_know(says: str, name: str) -> None:
    assert studio.browser_name(says) == name


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Google"], "Google"),
        (["Google", "GitHub"], "Google or GitHub"),
        (["Google", "GitHub", "Discord"], "Google, GitHub or Discord"),
    ],
)
def test_one_of_several_things_is_named(names: list[str], said: str) -> None:
    assert studio.either_name([SimpleNamespace(name=name) for name in names]) == said


def test_a_number_has_no_idle_noughts() -> None:
    assert [studio.trimmed(number) for number in (1.0, 2.5, 0.25, 7, 0, 10)] == ["1", "2.5", "0.25", "7", "0", "10"]
