import re

import pytest

from accounts.models import ApiKey
from getimg_site import docs, docs_errors
from tests.factories import make_user
from tests.rules.tree import ROOT
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.slug or "quick-start")
def test_every_page_is_there_for_anyone(page: docs.Page) -> None:
    answer = visitor().get(f"/docs/{page.slug}/" if page.slug else "/docs/")

    assert answer.status_code == 200
    assert f"<h1>{page.title}</h1>" in words(answer)


def test_a_page_that_there_is_not_is_not_found() -> None:
    assert visitor().get("/docs/nothing/").status_code == 404


def test_every_snippet_is_on_a_page() -> None:
    pages = "".join(path.read_text() for path in (ROOT / "templates" / "getimg_site" / "docs").glob("*.html"))
    shown = set(re.findall(r'{% snippet "([^"]+)" %}', pages))
    assert shown == {file.rpartition(".")[0] for file in docs.snippet_files()}


def test_every_code_of_the_api_is_explained() -> None:
    source = "".join(path.read_text() for path in (ROOT / "generation" / "api").glob("*.py"))
    written = (
        r'problem\(\s*\d+,\s*"([a-z_]+)"',
        r'code="([a-z_]+)"',
        r'"code": "([a-z_]+)"',
        r'(?:AuthenticationFailed|PermissionDenied)\(detail, "([a-z_]+)"\)',
        r'Refusal\.[A-Z]+: \(\s*"([a-z_]+)"',
        r'code, detail = "([a-z_]+)"',
    )
    raised = {code for pattern in written for code in re.findall(pattern, source)}
    assert len(raised) > 20
    explained = {one.code for one in (*docs_errors.REQUEST, *docs_errors.DIFFUSION)}
    assert raised - explained == set()
    assert len(explained) == len(docs_errors.REQUEST) + len(docs_errors.DIFFUSION)


def test_the_reference_has_every_address_of_the_api() -> None:
    page = words(visitor().get("/docs/reference/"))
    for path in ("/v1/diffusions", "/v1/diffusions/{diffusion_id}", "/v1/models", "/v1/account", "/v1/webhooks"):
        assert f"<code>{path}</code>" in page
    assert "guidanceScale" in page


# --- The reader's key -----------------------------------------------------------------------------------------------


def test_a_test_key_is_made_by_a_press_and_stands_in_the_examples() -> None:
    user = make_user()
    client = visitor(user)
    client.post("/docs/key/", {"next": "/docs/"})

    key = ApiKey.objects.get(user=user)
    assert (key.is_test, key.name) == (True, "Quick start")
    assert "Bearer gi_test_" in words(client.get("/docs/"))
    assert "Bearer gi_test_" not in words(visitor(make_user()).get("/docs/"))


def test_a_visitor_is_asked_to_log_in_first() -> None:
    answer = visitor().post("/docs/key/", {"next": "/docs/"})
    assert_sent_to_login(answer, "/create/")
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_press_leads_nowhere_else(elsewhere: str) -> None:
    answer = visitor(make_user()).post("/docs/key/", {"next": elsewhere})
    assert answer["Location"] == "/docs/"
