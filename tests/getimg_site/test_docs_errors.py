import re

from generation import troubles
from generation.api import problems
from getimg_site import docs_errors
from tests.rules.tree import ROOT


def test_every_code_of_the_api_is_explained() -> None:
    source = "".join(path.read_text() for path in (ROOT / "generation" / "api").glob("*.py"))
    written = (
        r'problem\(\s*\d+,\s*"([a-z_]+)"',
        r'Problem\(\d+, "[a-z_]+", "[^"]+", detail, "([a-z_]+)"',
        r'code="([a-z_]+)"',
        r'"code": "([a-z_]+)"',
        r'(?:AuthenticationFailed|PermissionDenied)\(detail, "([a-z_]+)"\)',
        r'Refusal\.[A-Z]+: \(\s*"([a-z_]+)"',
        r'code, detail = "([a-z_]+)"',
    )
    raised = {code for pattern in written for code in re.findall(pattern, source)}
    assert len(raised) > 20
    ends = "".join((ROOT / "generation" / name).read_text() for name in ("lifecycle.py", "storing.py"))
    raised |= {*troubles.OF_PICTURES, *re.findall(r'code="([a-z_]+)"', ends), "canceled", "failed"}
    explained = {one.code for one in (*docs_errors.REQUEST, *docs_errors.DIFFUSION)}
    assert raised - explained == set()
    assert len(explained) == len(docs_errors.REQUEST) + len(docs_errors.DIFFUSION)


def test_every_refusal_has_a_status_that_comes() -> None:
    assert {one.status for one in docs_errors.REQUEST} <= {*problems.KINDS}
    source = (ROOT / "generation" / "api" / "event_stream.py").read_text()
    (row,) = (one for one in docs_errors.REQUEST if one.code == "too_many_streams")
    statuses = re.findall(r'problem\((\d+), "too_many_streams"', source)
    assert all(status in f"{row.status} {row.when}" for status in statuses)
