import base64
import threading
import time
from pathlib import Path

import openai
import pytest
from django.conf import LazySettings
from pytest_django.live_server_helper import LiveServer

from generation.models import Job
from tests.generation.api.calling import Program, make_program
from tests.generation.api.painting import painter

PNG = b"\x89PNG"


def client_of(program: Program, server: LiveServer) -> openai.OpenAI:
    return openai.OpenAI(api_key=program.text, base_url=f"{server.url}/v1", max_retries=0)


@pytest.mark.django_db(transaction=True)
def test_the_official_client_gets_pictures(live_server: LiveServer, settings: LazySettings, tmp_path: Path) -> None:
    settings.SITE_URL = live_server.url
    client = client_of(make_program(), live_server)

    with painter(tmp_path):
        linked = client.images.generate(prompt="a red fox", model="midjourney", n=2, size="160x96")
        whole = client.images.generate(prompt="a red fox", model="midjourney", response_format="b64_json")

    assert linked.data is not None
    assert whole.data is not None
    urls = [one.url or "" for one in linked.data]
    assert [url.startswith(live_server.url) for url in urls] == [True, True]
    assert client._client.get(urls[0]).content.startswith(PNG)
    assert base64.b64decode(whole.data[0].b64_json or "").startswith(PNG)


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_repeated_under_its_key_is_answered_with_the_first_ones_pictures(
    live_server: LiveServer, tmp_path: Path
) -> None:
    ask = client_of(make_program(), live_server).images.with_raw_response.generate

    with painter(tmp_path):
        first, second = [ask(prompt="a red fox", extra_headers={"Idempotency-Key": "one"}) for _ in range(2)]

    assert first.parse() == second.parse()
    assert [one.headers.get("Idempotency-Replayed") for one in (first, second)] == [None, "true"]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_the_official_client_sends_again_by_itself_is_drawn_and_charged_once(
    live_server: LiveServer, settings: LazySettings, tmp_path: Path
) -> None:
    settings.SITE_URL = live_server.url
    program = make_program()
    impatient = client_of(program, live_server).with_options(timeout=2.0, max_retries=5)

    def draw_late() -> None:
        # By then the client has hung up at least once, and asked again.
        time.sleep(4)
        with painter(tmp_path):
            is_over.wait(60)

    is_over = threading.Event()
    worker = threading.Thread(target=draw_late)
    worker.start()
    try:
        answer = impatient.images.generate(prompt="a red fox", model="midjourney")
        again = client_of(program, live_server).images.generate(prompt="a red fox", model="midjourney")
    finally:
        is_over.set()
        worker.join()

    assert answer.data
    assert again.data
    # The second was meant: it is the client's first try of a request of its own.
    assert Job.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_official_client_hears_what_is_wrong(live_server: LiveServer) -> None:
    poor = client_of(make_program(credits=0), live_server)

    with pytest.raises(openai.APIStatusError) as too_few:
        poor.images.generate(prompt="a red fox", model="midjourney")
    with pytest.raises(openai.BadRequestError) as unknown:
        poor.images.generate(prompt="a red fox", model="dall-e-3")
    with pytest.raises(openai.BadRequestError) as refused:
        client_of(make_program(credits=0), live_server).images.generate(prompt="a nude woman", model="midjourney")
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(api_key="sk-no", base_url=f"{live_server.url}/v1").images.generate(prompt="a red fox")

    assert (refused.value.param, refused.value.code) == ("prompt", "content_policy")
    assert too_few.value.status_code == 402
    assert (unknown.value.param, unknown.value.code) == ("model", "unknown_model")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"prompt": "a", "size": "big"}, "size"),
        ({"prompt": "a", "response_format": "gif"}, "response_format"),
        ({"prompt": "a", "quality": "hd"}, "quality"),
        ({"prompt": "a", "n": "2"}, "n"),
        ({}, "prompt"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(body: dict[str, object], param: str) -> None:
    response = make_program().post("images/generations", body)

    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


@pytest.mark.django_db
def test_where_too_many_wait_already_it_says_when_to_come_again(settings: LazySettings) -> None:
    settings.API_WAITERS_MAX = 0

    response = make_program().post("images/generations", {"prompt": "a red fox"})

    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")


@pytest.mark.django_db
def test_what_takes_too_long_is_canceled_and_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.api.image_generations.PATIENCE_SECONDS", 0.1)
    program = make_program(credits=5)

    response = program.post("images/generations", {"prompt": "a red fox"})

    assert response.status_code == 504
    assert program.get("account").json()["credits"]["balance"] == 5
