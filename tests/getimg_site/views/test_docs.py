import re

import pytest

from generation import catalog, editor, pricing
from getimg_site import docs
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", docs.PAGES, ids=lambda page: page.slug or "quick-start")
def test_every_page_is_there_for_anyone(page: docs.Page) -> None:
    answer = visitor().get(f"/docs/{page.slug}/" if page.slug else "/docs/")

    assert answer.status_code == 200
    assert f"<h1>{page.title}</h1>" in words(answer)


def test_every_task_of_the_editor_is_in_the_price_list_with_its_weight() -> None:
    page = words(visitor().get("/docs/edits/"))
    for tool in editor.TOOLS:
        weight = f"{float(pricing.TASK_WEIGHTS[tool.task]):g}"
        row = rf"<td><code>{tool.task}</code></td><td>[^<]+</td><td[^>]*>{re.escape(weight)}</td>"
        assert re.search(row, page), tool.task


def test_the_playground_offers_only_models_that_draw_from_words() -> None:
    offered = set(re.findall(r'<option value="([^"]+)"', words(visitor().get("/docs/playground/"))))

    assert "starter" in offered
    assert all("text-to-image" in catalog.MODELS[slug].tasks for slug in offered)


def test_a_page_that_there_is_not_is_not_found() -> None:
    assert visitor().get("/docs/nothing/").status_code == 404
