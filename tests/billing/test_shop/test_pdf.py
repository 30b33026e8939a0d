"""A page of text as a PDF."""

import re

from billing.test_shop.pdf import as_pdf


def test_the_table_of_places_is_right_and_brackets_are_escaped() -> None:
    file = as_pdf(["Grüße (5 %)", "back\\slash", "日本"])
    assert file.startswith(b"%PDF-1.4")
    places = [int(place) for place in re.findall(rb"(\d{10}) 00000 n", file)]
    for number, place in enumerate(places, 1):
        assert file[place:].startswith(b"%d 0 obj" % number)
    start = re.search(rb"startxref\n(\d+)", file)
    assert start is not None
    assert file[int(start[1]) :].startswith(b"xref")
    length = re.search(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", file, re.DOTALL)
    assert length is not None
    assert len(length[2]) == int(length[1])
    assert "Grüße \\(5 %\\)".encode("latin-1") in file
    assert b"back\\\\slash" in file
    assert b"(??) Tj" in file
