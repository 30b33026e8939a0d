"""What hands do on the editor's board: mouse, wheel, fingers, files from outside, as the browser itself tells it."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import CDPSession, Page, expect

from accounts.models import User
from generation.models import Upload
from tests.browser.board import choose_tool, open_in_editor, painted, pixels_of, result, stroke
from tests.generation.uploads import brought, photograph, png_of

Point = tuple[float, float]


def middle(studio: Page) -> Point:
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(studio: Page, *points: Point) -> None:
    studio.mouse.move(*points[0])
    studio.mouse.down()
    for point in points[1:]:
        studio.mouse.move(*point, steps=5)
    studio.mouse.up()


def view(studio: Page) -> tuple[float, float, float]:
    """Return how large the picture is shown, and where its corner lies on the board."""
    found: list[float] = studio.evaluate("""() => {
        const [stage] = Konva.stages;
        return [stage.scaleX(), stage.x(), stage.y()];
    }""")
    return found[0], found[1], found[2]


def picture_point(studio: Page, at: Point) -> Point:
    """Return the point of the picture that lies under a point of the window."""
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    zoom, x, y = view(studio)
    return (at[0] - box["x"] - x) / zoom, (at[1] - box["y"] - y) / zoom


def handle(studio: Page, side: str) -> Point:
    """Return where the frame is taken hold of."""
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    at: dict[str, float] = studio.evaluate(
        "(side) => Konva.stages[0].findOne(`.${side}`).getAbsolutePosition()", f"middle-{side}"
    )
    return box["x"] + at["x"], box["y"] + at["y"]


def test_the_frame_is_dragged_to_the_right_and_the_picture_extended(
    studio: Page, person: User, flat_cluster: None
) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Extend")
    expect(studio.locator("#generate")).to_be_disabled()
    x, y = handle(studio, "right")

    drag(studio, (x, y), (x + 60, y))

    right = int(studio.locator("#right").input_value())
    assert right > 0
    assert [studio.locator(f"#{side}").input_value() for side in ("left", "top", "bottom")] == ["0", "0", "0"]
    studio.keyboard.press("Control+z")
    expect(studio.locator("#right")).to_have_value("0")
    studio.keyboard.press("Control+Shift+z")
    expect(studio.locator("#right")).to_have_value(str(right))
    expect(studio.locator("#generate")).to_be_enabled()
    studio.locator("#generate").click()
    extended = pixels_of(result(studio, 1))
    assert extended.size == (160 + right, 120)
    assert np.array_equal(np.asarray(extended)[:, :160], np.asarray(photograph()))


def test_what_the_lasso_encloses_is_painted_and_the_eraser_takes_some_back(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    x, y = middle(studio)
    zoom = view(studio)[0]
    studio.locator('button[data-pen="lasso"]').click()

    drag(studio, (x - 60, y - 60), (x + 60, y - 60), (x + 60, y + 60), (x - 60, y + 60))

    square = (120 / zoom) ** 2
    assert painted(studio) == pytest.approx(square, rel=0.05)
    studio.keyboard.press("e")
    stroke(studio)
    assert 0 < painted(studio) < 0.95 * square
    studio.keyboard.press("Control+z")
    assert painted(studio) == pytest.approx(square, rel=0.05)


def test_a_rectangle_is_painted_from_any_corner(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    x, y = middle(studio)
    zoom = view(studio)[0]
    studio.keyboard.press("r")
    drag(studio, (x + 50, y + 40), (x - 50, y - 40))
    assert painted(studio) == pytest.approx(100 * 80 / zoom**2, rel=0.05)


def test_the_wheel_zooms_where_the_mouse_is(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    x, y = middle(studio)
    at = (x + 70, y - 30)
    studio.mouse.move(*at)
    zoom, under = view(studio)[0], picture_point(studio, at)

    studio.mouse.wheel(0, -300)

    studio.wait_for_function("(zoom) => Konva.stages[0].scaleX() > 1.5 * zoom", arg=zoom)
    # To the part of a pixel that a mouse's place is told in.
    assert picture_point(studio, at) == pytest.approx(under, abs=0.3)
    expect(studio.locator("#zoom")).to_have_text(f"{round(100 * view(studio)[0])} %")
    studio.locator("#zoom").click()
    assert view(studio)[0] == pytest.approx(zoom)


def test_space_the_hand_and_the_arrows_move_the_picture_and_paint_nothing(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    x, y = middle(studio)
    zoom, left, top = view(studio)
    studio.locator("#canvas").focus()
    studio.keyboard.down("Space")
    drag(studio, (x, y), (x + 40, y + 25))
    studio.keyboard.up("Space")
    assert view(studio) == pytest.approx((zoom, left + 40, top + 25))
    studio.keyboard.press("h")
    drag(studio, (x, y), (x - 40, y - 25))
    assert view(studio) == pytest.approx((zoom, left, top))
    studio.keyboard.press("ArrowLeft")
    assert view(studio) == pytest.approx((zoom, left + 40, top))
    assert painted(studio) == 0
    for key, size in (("1", 1.0), ("+", 1.25), ("-", 1.0), ("0", zoom)):
        studio.keyboard.press(key)
        assert view(studio)[0] == pytest.approx(size)


# --- Fingers ----------------------------------------------------------------------------------------------


@pytest.fixture
def fingers(studio: Page) -> CDPSession:
    """Return what puts fingers on the page's glass."""
    session = studio.context.new_cdp_session(studio)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})
    return session


def touch(fingers: CDPSession, kind: str, *points: Point) -> None:
    touches = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]
    fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def put_and_move(fingers: CDPSession, *ways: Sequence[Point]) -> None:
    """Put a finger on the beginning of each way, all of them after each other, move them together and lift them."""
    for count in range(1, len(ways) + 1):
        touch(fingers, "touchStart", *(way[0] for way in ways[:count]))
    for step in range(1, len(ways[0])):
        touch(fingers, "touchMove", *(way[step] for way in ways))
    touch(fingers, "touchEnd")


def test_a_finger_paints(studio: Page, person: User, fingers: CDPSession) -> None:
    open_in_editor(studio, brought(person))
    x, y = middle(studio)

    put_and_move(fingers, [(x - 60 + 15 * step, y) for step in range(9)])

    zoom = view(studio)[0]
    size = float(studio.locator("#pen-size").input_value())
    # As long as the way, as thick as the pen; less at its soft edges.
    assert painted(studio) == pytest.approx(120 / zoom * size, rel=0.5)


def test_two_fingers_zoom_and_move_and_paint_nothing(studio: Page, person: User, fingers: CDPSession) -> None:
    open_in_editor(studio, brought(person))
    x, y = middle(studio)
    zoom, under = view(studio)[0], picture_point(studio, (x, y))
    apart = [40 + 10 * step for step in range(9)]

    put_and_move(fingers, [(x - each, y) for each in apart], [(x + each, y) for each in apart])

    assert view(studio)[0] == pytest.approx(3 * zoom, rel=0.05)
    assert picture_point(studio, (x, y)) == pytest.approx(under, abs=3)
    assert painted(studio) == 0
    left = view(studio)[1]
    put_and_move(
        fingers, [(x - 40 + 10 * step, y) for step in range(5)], [(x + 40 + 10 * step, y) for step in range(5)]
    )
    assert view(studio)[1] == pytest.approx(left + 40, abs=2)
    assert view(studio)[0] == pytest.approx(3 * zoom, rel=0.05)
    assert painted(studio) == 0
    # The stroke that the first finger had begun is not in the history either.
    studio.keyboard.press("Control+z")
    assert studio.locator("#editor-said").inner_text() != "Undone"


# --- Files ------------------------------------------------------------------------------------------------


def paste(studio: Page, content: bytes) -> None:
    """Copy a picture as other programs do, and press the keys that paste it."""
    studio.context.grant_permissions(["clipboard-read", "clipboard-write"])
    studio.evaluate(
        """async (content) => {
            const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
            const picture = new Blob([bytes], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
        }""",
        base64.b64encode(content).decode(),
    )
    studio.keyboard.press("Control+v")


def let_go(studio: Page, file: Path, at: Point) -> None:
    """Drag a file from the desktop over the page and let it go there."""
    session = studio.context.new_cdp_session(studio)
    data: dict[str, Any] = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": at[0], "y": at[1], "data": data})


def test_a_pasted_picture_is_opened(studio: Page, person: User) -> None:
    studio.goto("/edit/")
    expect(studio.locator("#easel-empty")).to_be_visible()

    paste(studio, png_of(photograph(90, 70)))

    expect(studio.locator("#picture-size")).to_have_text("90 × 70")
    upload = Upload.objects.get(user=person)
    assert (upload.width, upload.height) == (90, 70)
    assert studio.url.endswith(f"/edit/?upload={upload.pk}")
    expect(studio.locator("#canvas.is-painting")).to_be_visible()


def test_a_picture_that_is_let_go_anywhere_is_opened_and_a_text_refused(
    studio: Page, person: User, tmp_path: Path
) -> None:
    studio.goto("/edit/")
    picture, text = tmp_path / "a.jpg", tmp_path / "a.txt"
    photograph(80, 60).save(picture, "JPEG")
    text.write_text("no picture")

    let_go(studio, text, (40, 400))
    expect(studio.locator(".toast")).to_contain_text("this is not one")
    let_go(studio, picture, (40, 400))

    expect(studio.locator("#picture-size")).to_have_text("80 × 60")
    expect(studio.locator(".is-dropping")).to_have_count(0)
    assert Upload.objects.get(user=person).width == 80


def test_a_picture_that_is_pasted_while_blending_is_one_more_to_blend(studio: Page, person: User) -> None:
    open_in_editor(studio, brought(person))
    choose_tool(studio, "Blend")
    paste(studio, png_of(photograph(seed=2)))
    expect(studio.locator(".part")).to_have_count(2)
    expect(studio.locator("#generate")).to_be_enabled()
