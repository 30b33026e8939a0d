"""A certificate as a page to print: the picture, the facts, the licence in words, and how to check it.

The signed JSON lies in the file as an attachment, so that the page alone can be checked, too. The letters are
Inter's (static/vendor/inter-5.3.0), the weights 400 and 600 of its Latin, Vietnamese, Greek and Cyrillic parts.
"""

from datetime import datetime
from pathlib import Path
from typing import IO, Any

import qrcode
from django.conf import settings
from django.utils.translation import gettext
from fpdf import FPDF
from fpdf.enums import Align, WrapMode, XPos, YPos
from PIL import Image as Pillow

from generation import licences
from generation.certificates import Certificate

_FONTS = Path(settings.BASE_DIR) / "static" / "vendor" / "inter-5.3.0"
_INK, _QUIET, _LINE, _ACCENT, _DANGER = "#18181b", "#5d5d65", "#e4e4e7", "#2b35e0", "#b3261e"
# Millimetres on A4.
_LEFT, _RIGHT, _PICTURE, _COLUMN, _QR = 22.0, 188.0, 80.0, 112.0, 30.0
_WIDTH = _RIGHT - _LEFT


def render(certificate: Certificate, picture: IO[bytes]) -> bytes:
    """Return the PDF. `picture` is a file of the picture; a small one will do."""
    page = _page()
    facts = certificate.facts
    page.set_title(
        gettext("Licence certificate: %(licence)s, picture %(picture)s")
        % {"licence": facts["licence"]["title"], "picture": facts["picture"]["id"]}
    )
    page.set_creator(settings.SITE_NAME)
    page.embed_file(
        bytes=certificate.as_json().encode(),
        basename="certificate.json",
        desc=gettext("The same facts, signed"),
        mime_type="application/json",
    )
    _head(page, certificate)
    _picture(page, picture)
    _words(page, certificate, max(166.0, _facts(page, certificate) + 2))
    _foot(page, certificate)
    if facts["is_test"]:
        _test_mark(page)  # last, so that it lies over everything
    return bytes(page.output())


def _page() -> FPDF:
    page = FPDF(format="A4")
    page.set_margins(_LEFT, 20, 210 - _RIGHT)
    page.c_margin = 0  # letters begin where lines and pictures do
    page.set_auto_page_break(False)
    page.add_font("Inter", "", _FONTS / "inter-regular.ttf")
    page.add_font("Inter", "B", _FONTS / "inter-semibold.ttf")
    page.set_draw_color(_LINE)
    page.set_line_width(0.25)
    page.add_page()
    return page


def _head(page: FPDF, certificate: Certificate) -> None:
    facts = certificate.facts
    _write(page, _LEFT, 20, settings.SITE_NAME, size=13, bold=True)
    _write(page, _RIGHT - 80, 20, gettext("Licence certificate"), size=10, colour=_QUIET, width=80, align=Align.R)
    page.line(_LEFT, 29, _RIGHT, 29)
    colour = _ACCENT if facts["licence"]["use"] == "commercial" else _INK
    _write(page, _LEFT, 37, facts["licence"]["title"], size=30, bold=True, colour=colour)
    _write(page, _LEFT, 52, facts["licence"]["grant"], size=11, width=_WIDTH)


def _picture(page: FPDF, picture: IO[bytes]) -> None:
    """Draw the picture into its square, with a thin line around it."""
    with Pillow.open(picture) as opened:
        pixels = opened.convert("RGB")
    scale = _PICTURE / max(pixels.size)
    width, height = pixels.width * scale, pixels.height * scale
    page.image(pixels, x=_LEFT, y=72, w=width, h=height, alt_text=gettext("The picture"))
    page.rect(_LEFT, 72, width, height)


def _facts(page: FPDF, certificate: Certificate) -> float:
    """Write the facts beside the picture; returns where they end."""
    facts, picture, account = certificate.facts, certificate.facts["picture"], certificate.facts["account"]
    names = dict.fromkeys((facts["owner"], account["email"]))
    lines = [
        (gettext("Owner"), _drawable(page, " · ".join(names))),
        (gettext("Account"), account["id"]),
        (gettext("Made"), _moment(picture["made_at"])),
        (gettext("Plan"), _drawable(page, facts["plan"]["name"])),
        (gettext("Model"), facts["model"]["name"]),
        (gettext("Model’s licence"), facts["model"]["licence"]),
        (gettext("Size"), _size(picture)),
        (gettext("Picture"), picture["id"]),
        ("SHA-256", _in_two(picture["sha256"])),
        *([(gettext("Its video"), _in_two(facts["video"]["sha256"]))] if "video" in facts else []),
    ]
    y = 72.0
    for label, value in lines:
        _write(page, _COLUMN, y, label, size=8, colour=_QUIET)
        y = _write(page, _COLUMN, y + 3.6, value, size=9.5, width=_RIGHT - _COLUMN) + 1
    return y


def _size(picture: dict[str, Any]) -> str:
    words = gettext("%(width)s × %(height)s pixels, %(size)s bytes")
    return words % {"width": picture["width"], "height": picture["height"], "size": f"{picture['size_bytes']:,}"}


def _in_two(sha256: str) -> str:
    """Return a checksum on two lines."""
    return f"{sha256[:32]}\n{sha256[32:]}"


def _words(page: FPDF, certificate: Certificate, top: float) -> None:
    """Write what goes with it from `top` on, in millimetres."""
    facts = certificate.facts
    page.line(_LEFT, top, _RIGHT, top)
    _write(page, _LEFT, top + 7, gettext("What goes with it"), size=11, bold=True)
    url = facts["model"]["licence_url"]
    y = _write(
        page,
        _LEFT,
        top + 14,
        gettext("The picture was drawn by a model. The terms of that model, %(licence)s, apply as well: %(url)s")
        % {"licence": facts["model"]["licence"], "url": url},
        size=9.5,
        width=_WIDTH,
        link=url,
    )
    if facts["licence"]["advice"]:
        y = _write(page, _LEFT, y + 2, facts["licence"]["advice"], size=9.5, width=_WIDTH)
    words = gettext(
        "This certificate is about one file, whose SHA-256 stands above. A copy that was cropped, resized or saved "
        "anew is another file; keep the original with this page."
    )
    _write(page, _LEFT, y + 2, words, size=9.5, width=_WIDTH)


def _foot(page: FPDF, certificate: Certificate) -> None:
    """Draw the code that leads to the verify page, and the signature."""
    facts = certificate.facts
    page.line(_LEFT, 234, _RIGHT, 234)
    _qr_code(page, facts["verify_at"], _RIGHT - _QR, 242)
    width = _WIDTH - _QR - 8
    _write(page, _LEFT, 241, gettext("Check it yourself"), size=11, bold=True)
    words = gettext("The code leads to the record of this picture. The attached certificate.json is signed (Ed25519):")
    y = _write(page, _LEFT, 248, words, size=9.5, width=width, link=facts["verify_at"])
    y = _write(page, _LEFT, y + 1.5, certificate.signature, size=7.5, colour=_QUIET, width=width, by_letter=True)
    keys = f"{facts['issuer']['url']}/.well-known/getimg-licence-keys.json"
    words = gettext("Key %(key)s, published at %(url)s") % {"key": certificate.key, "url": keys}
    y = _write(page, _LEFT, y + 0.8, words, size=7.5, colour=_QUIET, width=width)
    words = gettext("Issued by %(name)s, %(url)s, on %(moment)s") % {
        "name": facts["issuer"]["name"],
        "url": facts["issuer"]["url"],
        "moment": _moment(facts["issued_at"]),
    }
    _write(page, _LEFT, y + 2, words, size=8.5, colour=_QUIET, width=width)


def _test_mark(page: FPDF) -> None:
    """Say on top and right across that this is worth nothing."""
    page.set_fill_color(_DANGER)
    page.rect(0, 0, 210, 12, style="F")
    _write(page, 0, 3, licences.TEST_NOTICE, size=11, bold=True, colour="#ffffff", width=210, align=Align.C)
    with page.local_context(fill_opacity=0.14), page.rotation(52, x=105, y=148):
        _write(page, 0, 140, licences.TEST_NOTICE, size=42, bold=True, colour=_DANGER, width=210, align=Align.C)


def _qr_code(page: FPDF, text: str, x: float, y: float) -> None:
    code = qrcode.QRCode(border=0, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    rows = code.get_matrix()
    module = _QR / len(rows)
    page.set_fill_color(_INK)
    for row, cells in enumerate(rows):
        start = None
        # Neighbours are one bar: thin white lines between squares would show in print.
        for column, is_dark in enumerate([*cells, False]):
            if is_dark and start is None:
                start = column
            elif not is_dark and start is not None:
                page.rect(x + start * module, y + row * module, (column - start) * module, module + 0.02, style="F")
                start = None


def _write(
    page: FPDF,
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    colour: str = _INK,
    width: float = 0,
    align: Align = Align.L,
    link: str = "",
    by_letter: bool = False,
) -> float:
    """Write a paragraph from (x, y) on, in millimetres; returns where it ends."""
    page.set_font("Inter", "B" if bold else "", size)
    page.set_text_color(colour)
    page.set_xy(x, y)
    page.multi_cell(
        width,
        size * 0.52,
        text,
        align=align,
        link=link,
        padding=0,
        wrapmode=WrapMode.CHAR if by_letter else WrapMode.WORD,
        new_x=XPos.LMARGIN,
        new_y=YPos.NEXT,
    )
    return float(page.get_y())


def _drawable(page: FPDF, text: str) -> str:
    """Return the text with a mark for each letter that the font lacks; the attached JSON has them all."""
    page.set_font("Inter", "", 9.5)
    letters = page.current_font.cmap  # type: ignore[union-attr]
    return "".join(letter if ord(letter) in letters else "□" for letter in text)


def _moment(when: str) -> str:
    moment = datetime.fromisoformat(when)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
