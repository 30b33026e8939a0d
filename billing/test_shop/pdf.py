"""Lines of text as a PDF of one page, written by hand: a test shop's invoice needs no more."""

_WIDTH, _HEIGHT = 595, 842  # A4 in points
_TOP, _LEFT, _LEADING = 780, 56, 18


def as_pdf(lines: list[str]) -> bytes:
    """Return the lines as a PDF, in Helvetica; what Latin-1 lacks becomes a question mark."""
    shown = b" T*\n".join(b"(" + _escape(line) + b") Tj" for line in lines)
    drawing = b"BT /F1 11 Tf %d TL %d %d Td\n%s\nET" % (_LEADING, _LEFT, _TOP, shown)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>" % (_WIDTH, _HEIGHT),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table) + trailer


def _escape(line: str) -> bytes:
    text = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return text.encode("latin-1", "replace")
