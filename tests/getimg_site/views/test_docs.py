import html
import json
import re

import jsonschema_rs
import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from generation import catalog, editor, pricing
from generation.api import courier, schemas
from generation.api.courier import BACKOFF
from generation.api.parsers import BODY_LIMIT_BYTES
from generation.models import Event, ModelAlias, WebhookDelivery
from getimg_site import docs
from tests.factories import make_user
from tests.generation.api.calling import make_program
from tests.generation.api.told import finished, make_endpoint
from tests.rules.tree import ROOT
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


def test_the_soft_edge_of_a_mask_is_named_with_its_pixels() -> None:
    page = words(visitor().get("/docs/edits/"))
    assert "with a soft edge of <code>feather</code> pixels around it (8, unless you say otherwise)" in page


def test_the_playground_offers_only_models_that_draw_from_words() -> None:
    offered = set(re.findall(r'<option value="([^"]+)"', words(visitor().get("/docs/playground/"))))

    assert "starter" in offered
    assert all("text-to-image" in catalog.MODELS[slug].tasks for slug in offered)


def test_a_page_that_there_is_not_is_not_found() -> None:
    assert visitor().get("/docs/nothing/").status_code == 404


def test_only_the_names_of_the_table_stand_for_other_models() -> None:
    ModelAlias.objects.all().delete()
    ModelAlias.objects.create(slug="old-fox", target="starter")
    ModelAlias.objects.create(slug="lost", target="no-such-model")

    page = words(visitor().get("/docs/"))

    assert "<li><code>old-fox</code> → <code>starter</code></li>" in page
    assert "lost" not in re.findall(r"<li><code>([^<]+)</code> →", page)
    ModelAlias.objects.all().delete()
    cache.clear()
    assert "</code> →" not in words(visitor().get("/docs/"))


def test_sample_answers_have_fields_and_values_that_the_description_has() -> None:
    page = html.unescape(words(visitor().get("/docs/")))
    samples = [json.loads(sample) for sample in re.findall(r"<code>(\{.+?\n\})</code>", page, re.DOTALL)]

    assert [sample["status"] for sample in samples] == ["NEW", "FINISHED"]
    fields = schemas.shapes()["Diffusion"]["properties"]
    for sample in samples:
        assert list(sample) == [name for name in fields if name in sample]
        for name, value in sample.items():
            jsonschema_rs.validate(fields[name], value, validate_formats=True)


def test_the_sample_message_of_a_webhook_is_whole_and_as_it_is_sent() -> None:
    program = make_program()
    make_endpoint(program.user, "https://example.com/webhooks/pictures")
    finished(program, model="starter")
    page = html.unescape(words(visitor().get("/docs/webhooks/")))

    [sample] = [json.loads(sample) for sample in re.findall(r"<code>(\{.+?\n\})</code>", page, re.DOTALL)]

    assert outline(sample) == outline(json.loads(courier.body_of(WebhookDelivery.objects.get())))
    assert (sample["type"], sample["data"]["status"]) == ("diffusion.finished", "FINISHED")
    fields = schemas.shapes()["Diffusion"]["properties"]
    for name in fields.keys() - {"warnings", "outputs", "error"}:
        jsonschema_rs.validate(fields[name], sample["data"][name], validate_formats=True)


def outline(value: object) -> object:
    """Return what a message is made of: names in their order, and of the rest the kind."""
    match value:
        case dict():
            return [(name, outline(inner)) for name, inner in value.items()]
        case list():
            return [outline(inner) for inner in value]
        case _:
            return type(value).__name__


def test_sizes_are_those_that_bodies_and_files_are_held_to(settings: LazySettings) -> None:
    settings.INPUT_IMAGE_MAX_BYTES = 33_000_000
    settings.UPLOAD_QUOTA_BYTES, settings.UPLOAD_RETENTION_DAYS = 321_000_000, 45

    page = words(visitor().get("/docs/limits/"))

    assert f"may have {BODY_LIMIT_BYTES // 1_000_000} MB" in page
    assert "base64 7.5 MB" in page
    assert "<code>/v1/files</code> may have 33 MB" in page
    assert "may take 321 MB" in page
    for told in (page, words(visitor().get("/docs/edits/"))):
        assert "goes by itself 45 days after" in told


def test_the_pictures_of_a_day_are_all_test_keys_together() -> None:
    assert "The test keys of an account make 25 pictures a day together." in words(visitor().get("/docs/limits/"))


def test_a_test_key_is_held_to_the_starters_bounds_as_the_first_page_says() -> None:
    program = make_program(credits=0, is_test=True)

    refused = program.post("diffusions", {"prompt": "a fox", "model": "flux-1-schnell", "width": 1024, "height": 1024})

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "width")
    assert "whatever model you name, so the starter’s bounds hold" in words(visitor().get("/docs/"))


def test_no_example_hands_a_key_to_wherever_a_redirect_leads() -> None:
    snippets = [path.read_text() for path in (ROOT / "templates" / "getimg_site" / "docs" / "snippets").rglob("*.sh")]
    assert any("--location " in snippet for snippet in snippets)
    assert not any("--location-trusted" in snippet for snippet in snippets)


def test_every_refusal_stands_in_the_order_of_its_status_with_one_line_to_lead_to() -> None:
    page = words(visitor().get("/docs/errors/"))

    statuses = [int(status) for status in re.findall(r"<tr[^>]*><td>(\d{3})</td>", page)]
    assert statuses == sorted(statuses)
    assert {422, 504} <= set(statuses)
    lines = re.findall(r'<tr id="(\w+)">', page)
    assert len(lines) == len(set(lines))
    assert set(re.findall(r'<td><a href="#(\w+)">', page)) <= set(lines)


def test_the_page_of_clients_names_what_the_openai_door_takes() -> None:
    page = words(visitor().get("/docs/clients/"))

    assert all(f"<code>{name}</code>" in page for name in schemas.shapes()["ImagesRequest"]["properties"])


def test_the_page_of_webhooks_names_every_event_and_every_pause() -> None:
    page = words(visitor().get("/docs/webhooks/"))

    assert all(f"<li><code>{event}</code></li>" in page for event in Event.values)
    assert "5 s, 1 min, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 20 h" in page
    assert len(BACKOFF) == 10


@pytest.mark.parametrize("path", ["/docs/", "/settings/api-keys/"])
def test_the_first_example_names_a_model_that_draws_here(path: str) -> None:
    client = visitor(make_user())
    alias = ModelAlias.objects.get(slug=docs.EXAMPLE_ALIAS)
    default = catalog.default_for("text-to-image")
    assert '"model": "midjourney"' in shell_code(client, path)

    alias.target = next(model.slug for model in catalog.MODELS.values() if not model.is_available)
    alias.save()
    assert f'"model": "{default}"' in shell_code(client, path)

    alias.delete()
    assert f'"model": "{default}"' in shell_code(client, path)
    assert '"midjourney"' not in shell_code(client, path)


def shell_code(client: Client, path: str) -> str:
    """Return a page's words with its code as it is read, after aliases were changed."""
    cache.clear()
    return html.unescape(words(client.get(path)))
