"""The editor's board in a browser: what a hand does on it, and what it shows."""

from django.core.files.storage import default_storage
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from generation.models import Image, Upload

_DRAWING_MS = 300_000
_PAINTED = """() => {
    const overlay = Konva.stages[0]?.getLayers()[1].getChildren()[0];
    if (!overlay) return 0;
    const canvas = overlay.image();
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, at) => at % 4 === 3 && value > 127).length;
}"""


def open_in_editor(studio: Page, upload: Upload) -> None:
    studio.goto(f"/edit/?upload={upload.pk}")
    expect(studio.locator(".version")).to_have_count(1)
    expect(studio.locator("#canvas.is-painting")).to_be_visible()


def stroke(studio: Page, down: float = 0) -> None:
    """Paint a short line through the middle of the picture, `down` window pixels below it."""
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2 + down
    studio.mouse.move(x - 30, y)
    studio.mouse.down()
    studio.mouse.move(x + 30, y, steps=4)
    studio.mouse.up()


def painted(studio: Page) -> int:
    """Return how much of the mask is painted, as the board shows it."""
    return int(studio.evaluate(_PAINTED))


def until_painted(studio: Page, pixels: int) -> None:
    """Wait until so much of the mask is painted."""
    studio.wait_for_function(f"(pixels) => ({_PAINTED})() === pixels", arg=pixels)


def fill_the_tabs_storage(studio: Page) -> None:
    studio.evaluate("""() => {
        let size = 2 ** 22;
        for (let at = 0; size > 8; at += 1) {
            try { sessionStorage.setItem(`fill${at}`, "x".repeat(size)); } catch { size = Math.floor(size / 2); }
        }
    }""")


def scribble(studio: Page, times: int) -> None:
    """Draw one line to the right and back, so many times, without lifting the brush."""
    box = studio.locator("#canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    studio.mouse.move(x - 40, y)
    studio.mouse.down()
    for _ in range(times):
        studio.mouse.move(x + 40, y, steps=8)
        studio.mouse.move(x - 40, y, steps=8)
    studio.mouse.up()


_MASK = """() => {
    const canvas = Konva.stages[0].getLayers()[1].getChildren()[0].image();
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return { width: canvas.width, alphas: [...pixels.filter((value, at) => at % 4 === 3)] };
}"""


def mean_of_the_mask(studio: Page) -> float:
    alphas: list[int] = studio.evaluate(_MASK)["alphas"]
    return sum(alphas) / len(alphas)


def thickness(studio: Page) -> tuple[int, int]:
    """Return how many pixels high the painted part is near its left end, and near its right end."""
    mask = studio.evaluate(_MASK)
    width, alphas = mask["width"], mask["alphas"]
    heights = [sum(alpha > 127 for alpha in alphas[column::width]) for column in range(width)]
    painted = [height for height in heights if height]
    return max(painted[: len(painted) // 2]), painted[-len(painted) // 8]


def board_colours(studio: Page) -> tuple[list[int], list[int]]:
    """Return the colours that the board shows at a quarter and at three quarters of the picture's width."""
    found = studio.evaluate("""() => {
        const [pictures] = Konva.stages[0].getLayers();
        const canvas = pictures.getCanvas();
        const { x, y, width, height } = pictures.getChildren()[1].getClientRect();
        const ratio = canvas.getPixelRatio();
        const pixel = (left, top) => [...canvas.getContext().getImageData(left * ratio, top * ratio, 1, 1).data];
        const at = (part) => pixel(x + width * part, y + height / 2);
        return [at(0.25), at(0.75)];
    }""")
    return found[0], found[1]


def result(studio: Page, count: int) -> Image:
    """Wait for so many results and return the newest."""
    expect(studio.locator(".version")).to_have_count(1 + count, timeout=_DRAWING_MS)
    return Image.objects.latest("id")


def pixels_of(image: Image) -> Pillow.Image:
    with default_storage.open(image.file) as file:
        return Pillow.open(file).convert("RGB").copy()


def choose_tool(studio: Page, tool: str) -> None:
    studio.locator(".version").first.click()
    studio.get_by_role("radio", name=tool, exact=True).check(force=True)
