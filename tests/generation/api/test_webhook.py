import json
from typing import Any

import pytest

from accounts.models import Scope
from generation import webhooks
from generation.models import WebhookDelivery, WebhookEndpoint
from tests.generation.api.calling import Program, make_program
from tests.generation.api.told import make_endpoint

pytestmark = pytest.mark.django_db


def said(response: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(response.content)
    return found


def patch(program: Program, path: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {program.text}"}
    return program.client.patch(f"/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_an_endpoint_is_looked_at_changed_and_deleted() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user, description="Shop")
    path = f"webhooks/{endpoint.pk}"

    changed = patch(program, path, {"events": ["diffusion.failed"], "enabled": False})

    assert changed.status_code == 200
    assert said(changed) == said(program.get(path))
    assert said(changed)["events"] == ["diffusion.failed"]
    assert (said(changed)["enabled"], said(changed)["disabledReason"]) == (False, "owner")
    assert said(changed)["description"] == "Shop"
    assert said(patch(program, path, {"enabled": True}))["disabledReason"] is None
    assert program.delete(path).status_code == 204
    assert program.get(path).status_code == 404


def test_a_refused_change_names_the_field() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)

    response = patch(program, f"webhooks/{endpoint.pk}", {"url": "https://10.0.0.1/", "enabled": False})

    endpoint.refresh_from_db()
    assert (response.status_code, said(response)["error"]["param"]) == (400, "url")
    assert endpoint.is_enabled


def test_a_new_secret_is_shown_once_and_the_old_one_has_a_day() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)

    response = said(program.post(f"webhooks/{endpoint.pk}/rotate"))

    assert response["secret"] not in {"", endpoint.secret}
    assert response["previousSecretExpiresAt"] > response["createdAt"]
    assert "secret" not in said(program.get(f"webhooks/{endpoint.pk}"))


def test_a_test_is_put_on_its_way() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)

    response = program.post(f"webhooks/{endpoint.pk}/test")

    assert (response.status_code, said(response)["event"]) == (202, "webhook.test")
    assert said(response)["id"] == WebhookDelivery.objects.get().message_id


def test_no_test_is_sent_to_an_endpoint_that_is_off() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    webhooks.change(endpoint, is_enabled=False)

    response = program.post(f"webhooks/{endpoint.pk}/test")

    assert (response.status_code, said(response)["error"]["code"]) == (409, "webhook_disabled")


def test_a_strangers_endpoint_reads_like_one_that_is_not_there() -> None:
    endpoint, program = make_endpoint(), make_program()
    missing = program.get("webhooks/00000000-0000-7000-8000-000000000000")
    path = f"webhooks/{endpoint.pk}"

    answers = [
        program.get(path),
        program.delete(path),
        patch(program, path, {"enabled": False}),
        program.post(f"{path}/rotate"),
        program.post(f"{path}/test"),
        program.get("webhooks/nonsense"),
    ]

    assert {(response.status_code, response.content) for response in answers} == {(404, missing.content)}
    assert WebhookEndpoint.objects.get() == endpoint
    assert not WebhookDelivery.objects.exists()


def test_a_key_without_the_scope_may_do_nothing() -> None:
    program = make_program(scopes=[Scope.READ, Scope.GENERATE, Scope.DELETE])
    path = f"webhooks/{make_endpoint(program.user).pk}"

    answers = [program.get(path), program.delete(path), patch(program, path, {}), program.post(f"{path}/rotate")]

    assert [response.status_code for response in answers] == [403] * 4
