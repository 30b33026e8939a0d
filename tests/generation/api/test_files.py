"""`/v1/files`: sent once, named as often as needed, nobody else's to see."""

import base64
import hashlib
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import encode_multipart
from pytest_django import Settings

from accounts.models import Scope
from generation import uploads
from generation.models import Upload
from tests.generation.api.calling import Program, make_program
from tests.generation.buckets import go_away
from tests.generation.runs import make_person
from tests.generation.uploads import brought, photograph, png_of

pytestmark = pytest.mark.django_db


def send(program: Program, content: bytes, **fields: str) -> Any:
    file = SimpleUploadedFile("a.png", content, "image/png")
    headers = {"Authorization": f"Bearer {program.text}"}
    return program.client.post("/v1/files", {"file": file, **fields}, headers=headers)


def test_a_file_is_sent_looked_at_and_deleted() -> None:
    program = make_program()

    made = send(program, png_of(photograph(50, 40)))

    body = made.json()
    assert made.status_code == 201
    assert (body["width"], body["height"], body["kind"]) == (50, 40, "picture")
    assert program.get(f"files/{body['id']}").json() == body
    assert send(program, png_of(photograph(50, 40))).status_code == 200
    assert program.delete(f"files/{body['id']}").status_code == 204
    assert program.get(f"files/{body['id']}").status_code == 404


def test_files_are_listed_page_by_page_with_what_came_along_with_requests() -> None:
    program = make_program()
    test = make_program(user=program.user, is_test=True)
    sent = [str(brought(program.user, seed=seed).pk) for seed in (1, 2)]
    picture = base64.b64encode(png_of(photograph(seed=3))).decode()
    made = program.post("diffusions", {"task": "upscale", "image": picture}).json()
    sent.append(made["params"]["image"].removeprefix("upload:"))
    uploads.delete(brought(program.user, seed=4))
    others = [str(brought(program.user, is_test=True).pk)]
    brought(make_person("eve@example.com"))

    first = program.get("files", {"limit": 2}).json()
    last = program.get("files", {"limit": 2, "after": first["next"]}).json()

    assert [one["id"] for one in first["data"] + last["data"]] == sent[::-1]
    assert (first["hasMore"], last["hasMore"], last["next"]) == (True, False, None)
    assert first["data"][0] == program.get(f"files/{sent[2]}").json()
    assert [one["id"] for one in test.get("files").json()["data"]] == others


def test_a_list_of_files_is_for_keys_that_may_read_and_has_no_filters() -> None:
    program = make_program(scopes=[Scope.GENERATE])
    assert program.get("files").status_code == 403
    assert program.client.get("/v1/files").status_code == 401
    refused = make_program(user=program.user).get("files", {"status": "NEW"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "status")


@pytest.mark.parametrize("is_from_before", [False, True])
def test_a_files_size_and_checksum_are_those_of_what_its_url_leads_to(is_from_before: bool) -> None:
    program = make_program()
    upload = brought(program.user)
    if is_from_before:
        Upload.objects.update(file_bytes=None)

    body = program.get(f"files/{upload.pk}").json()

    file: Any = program.client.get(body["url"])
    content = b"".join(file.streaming_content)
    assert (body["sizeBytes"], body["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_an_older_file_is_measured_once_and_listed_while_the_bucket_is_away(settings: LazySettings) -> None:
    program = make_program()
    known, old = brought(program.user), brought(program.user, seed=2)
    Upload.objects.update(file_bytes=None)
    size = program.get(f"files/{known.pk}").json()["sizeBytes"]

    go_away(settings, refusals=99)

    told = {one["id"]: one["sizeBytes"] for one in program.get("files").json()["data"]}
    assert told == {str(known.pk): size, str(old.pk): old.size_bytes}
    assert size < known.size_bytes


def test_another_accounts_file_is_not_there() -> None:
    theirs = brought(make_person("eve@example.com"))
    program = make_program()
    for answer in (program.get(f"files/{theirs.pk}"), program.delete(f"files/{theirs.pk}"), program.get("files/x")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert Upload.objects.visible_to(theirs.user).exists()


def test_test_and_live_keys_see_nothing_of_each_others_files() -> None:
    live = make_program()
    test = make_program(user=live.user, is_test=True)

    made = {program.text: send(program, png_of(photograph())) for program in (live, test)}

    assert [answer.status_code for answer in made.values()] == [201, 201]
    ids = {text: answer.json()["id"] for text, answer in made.items()}
    assert len(set(ids.values())) == 2
    for program, other in ((live, test), (test, live)):
        theirs = ids[other.text]
        assert program.get(f"files/{theirs}").status_code == program.delete(f"files/{theirs}").status_code == 404
        assert program.get(f"files/{ids[program.text]}").status_code == 200
        assert send(program, png_of(photograph())).json()["id"] == ids[program.text]


def test_what_test_keys_bring_takes_no_room_of_the_live_ones(settings: Settings) -> None:
    live = make_program()
    test = make_program(user=live.user, is_test=True)
    settings.UPLOAD_QUOTA_BYTES = brought(live.user, is_test=True).size_bytes + 100

    assert send(test, png_of(photograph(seed=2))).json()["error"]["code"] == "quota_reached"
    assert send(live, png_of(photograph(seed=2))).status_code == 201


@pytest.mark.parametrize(("content", "code"), [(b"GIF89a", "not_a_picture"), (png_of(photograph())[:-2000], "damaged")])
def test_what_is_no_picture_is_refused_with_its_code(content: bytes, code: str) -> None:
    answer = send(make_program(), content)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, code, "file")


def test_a_missing_file_and_one_too_large_are_told(settings: Settings) -> None:
    program = make_program()
    headers = {"Authorization": f"Bearer {program.text}"}
    assert (
        program.client.post("/v1/files", {"kind": "mask"}, headers=headers).json()["error"]["code"] == "missing_field"
    )
    settings.INPUT_IMAGE_MAX_BYTES = 1000
    assert send(program, bytes(80_000)).status_code == 413


def test_unknown_fields_and_kinds_are_refused_by_name() -> None:
    program = make_program()

    errors = send(program, png_of(photograph()), kind="drawing", colour="red").json()["errors"]

    assert {error["param"]: error["code"] for error in errors} == {"colour": "unknown_field", "kind": "invalid_value"}
    assert "choose picture or mask" in errors[1]["message"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (b"x", "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data"),
        (encode_multipart("b", {f"field{number}": "x" for number in range(1001)}), "multipart/form-data; boundary=b"),
        (encode_multipart("b", {"kind": "x" * 3_000_000}), "multipart/form-data; boundary=b"),
        (
            encode_multipart("b", {f"file{number}": SimpleUploadedFile("a.png", b"x") for number in range(101)}),
            "multipart/form-data; boundary=b",
        ),
    ],
)
def test_a_form_that_cannot_be_read_or_holds_too_much_is_refused(body: bytes, declared: str) -> None:
    program = make_program()
    answer = program.client.generic(
        "POST", "/v1/files", body, declared, headers={"Authorization": f"Bearer {program.text}"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_form")


def test_without_a_key_or_its_scope_nothing_is_taken() -> None:
    program = make_program(scopes=[Scope.READ])
    assert send(program, png_of(photograph())).status_code == 403
    file = SimpleUploadedFile("a.png", png_of(photograph()), "image/png")
    assert program.client.post("/v1/files", {"file": file}).status_code == 401
    assert not Upload.objects.exists()
