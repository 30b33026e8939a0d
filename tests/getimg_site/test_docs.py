import re

from getimg_site import docs
from tests.rules.tree import ROOT


def test_every_snippet_is_on_a_page() -> None:
    pages = "".join(path.read_text() for path in (ROOT / "templates" / "getimg_site" / "docs").glob("*.html"))
    shown = set(re.findall(r'{% snippet "([^"]+)" %}', pages))
    assert shown == {file.rpartition(".")[0] for file in docs.snippet_files()}


def test_places_are_filled_and_the_others_name_themselves() -> None:
    text = docs.rendered("quick_start/look.sh", api_url="https://api.example", api_key="gi_test_x")
    assert "curl https://api.example/v1/diffusions/ID" in text
    assert "Bearer gi_test_x" in text


def test_code_is_coloured_and_what_is_written_in_it_stays_text() -> None:
    (shell, javascript, python) = docs.codes("quick_start/create", api_key="<script>", model="starter")
    assert [shell.label, javascript.label, python.label] == ["cURL", "JavaScript", "Python"]
    assert "&lt;script&gt;" in shell.html
    assert "<script>" not in shell.html
    assert 'class="hl-' in python.html
