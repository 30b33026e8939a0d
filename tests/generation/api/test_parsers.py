from io import BytesIO

import pytest
from django.test import RequestFactory

from generation.api.parsers import BODY_LIMIT_BYTES, AnyTypeJsonParser, read_object
from generation.api.problems import Problem
from tests.generation.api.calling import make_program


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"prompt=a+red+fox", "not valid JSON"),
        (b'{"prompt": "a red fox"', "line 1"),
        (b"[1, 2]", "one JSON object"),
        (b'"prompt"', "one JSON object"),
        (b'{"guidanceScale": NaN}', "NaN"),
        (b'{"guidanceScale": -Infinity}', "-Infinity"),
        (b'{"guidanceScale": 1e999}', "too large"),
        (b'{"seed": ' + b"9" * 5000 + b"}", "thousands of digits"),
        (b'{"prompt": ' + b"[" * 100_000 + b"}", "nested too deeply"),
        (b'{"prompt": "\xff"}', "not UTF-8"),
        (b"\x0c", "JSON"),
        (b'{"prompt": "\\ud800"}', "surrogate"),
        (b'{"prompt": "a", "prompt": "b"}', "twice"),
    ],
)
def test_what_is_no_json_object_is_refused_with_the_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(Problem) as caught:
        read_object(raw)

    assert caught.value.status_code == 400
    assert caught.value.code == "invalid_json"
    assert reason in str(caught.value.detail)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read_object(b'{"prompt": "\\ud83e\\udd8a"}') == {"prompt": "\U0001f98a"}


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/form-data; boundary=x"])
def test_a_body_is_json_whatever_it_is_called(content_type: str) -> None:
    program = make_program()
    headers = {"Authorization": f"Bearer {program.text}"}

    response = program.client.generic("POST", "/v1/diffusions", b'{"prompt": "a fox"}', content_type, headers=headers)

    assert response.status_code == 201


@pytest.mark.django_db
def test_a_body_of_ten_megabytes_is_refused() -> None:
    response = make_program().post("diffusions", b'{"prompt": "' + b"a" * BODY_LIMIT_BYTES + b'"}')

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["error"]["code"] == "body_too_large"


@pytest.mark.parametrize("arrived", [b'{"prompt": "a fox"}', b'{"prompt": "a f', b""])
def test_a_body_that_was_cut_off_is_refused_even_where_it_reads_as_a_whole(arrived: bytes) -> None:
    request = RequestFactory().post("/v1/diffusions", CONTENT_LENGTH="100")

    with pytest.raises(Problem) as caught:
        AnyTypeJsonParser().parse(BytesIO(arrived), None, {"request": request})

    assert (caught.value.status_code, caught.value.code) == (400, "invalid_json")
    assert f"Only {len(arrived)} of the body's 100 bytes" in str(caught.value.detail)


@pytest.mark.django_db
def test_a_body_in_chunks_is_asked_for_its_length() -> None:
    program = make_program()
    headers = {"Authorization": f"Bearer {program.text}", "Transfer-Encoding": "chunked"}

    response = program.client.post("/v1/diffusions", content_type="application/json", data=b"", headers=headers)

    assert response.status_code == 411
