"""Videos through the API: the request, the price, the answer."""

import base64

import pytest

from generation import lifecycle
from generation.models import Image, Job
from tests.generation.api.calling import Program, api_balance, make_program
from tests.generation.runs import claim, pictures
from tests.generation.uploads import brought, photograph, png_of
from tests.generation.videos import claimed, clip_of, store

pytestmark = pytest.mark.django_db
PICTURE = base64.b64encode(png_of(photograph(64, 48))).decode()


def order(program: Program, **body: object) -> str:
    """Order a video and return its id."""
    answer = program.post("diffusions", {"task": "image-to-video", "image": PICTURE, **body})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def test_a_video_is_ordered_in_the_api_s_spelling() -> None:
    program = make_program()
    upload = brought(program.user, seed=2)
    made = order(program, endImage=f"upload:{upload.pk}", seconds=1.5, fps=8, motion=0.8, seed=7, prompt="a fox")

    job = Job.objects.get(pk=made)
    assert (job.params["frames"], job.params["fps"], job.params["motion"]) == (12, 8, 0.8)
    assert set(job.inputs.values_list("role", flat=True)) == {"image", "end_image"}
    told = program.get(f"diffusions/{made}").json()
    assert told["params"]["endImage"] == f"upload:{upload.pk}"
    assert (told["params"]["seconds"], told["params"]["seed"]) == (1.5, 7)
    assert told["cost"] == {"credits": 12, "charged": 0, "perImage": 12}


def test_a_finished_video_has_its_mp4_its_poster_and_what_else_there_is() -> None:
    program = make_program()
    made = order(program)
    store(claimed(Job.objects.get(pk=made)))
    image = Image.objects.get(job_id=made)
    clip = clip_of(image)

    answer = program.get(f"diffusions/{made}").json()

    (output,) = answer["outputs"]
    assert answer["images"] == [output["url"]]
    assert output["url"].endswith("video.mp4")
    assert (output["contentType"], output["sizeBytes"], output["sha256"]) == ("video/mp4", clip.size_bytes, clip.sha256)
    assert (output["frames"], output["fps"], output["seconds"]) == (8, 16, 0.5)
    assert output["poster"]["contentType"] == "image/png"
    assert output["poster"]["sha256"] == image.sha256
    assert [one["contentType"] for one in output["alternatives"]] == ["image/webp", "image/gif"]
    assert api_balance(program.user) == 88
    for url in (output["url"], output["poster"]["url"], *(one["url"] for one in output["alternatives"])):
        assert program.client.get(url.removeprefix("http://testserver")).status_code == 200


def finish() -> None:
    """End the run whose turn it is with its picture."""
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, 0))


def test_a_picture_s_output_says_nothing_of_videos() -> None:
    program = make_program()
    made = program.post("diffusions", {"prompt": "a fox"}).json()["id"]
    finish()
    (output,) = program.get(f"diffusions/{made}").json()["outputs"]
    assert {"frames", "poster", "alternatives"}.isdisjoint(output)


def test_what_is_out_of_bounds_is_refused_by_its_name() -> None:
    program = make_program()
    for body, param in (
        ({"seconds": 60}, "seconds"),
        ({"motion": 2}, "motion"),
        ({"fps": 1}, "fps"),
        ({"numImages": 2}, "numImages"),
        ({"endImage": "upload:00000000-0000-0000-0000-000000000000"}, "endImage"),
    ):
        answer = program.post("diffusions", {"task": "image-to-video", "image": PICTURE, **body})
        assert answer.status_code in (400, 404, 422), answer.content
        assert answer.json()["error"]["param"] == param, answer.json()
    assert not Job.objects.exists()


def test_a_quote_says_why_a_longer_one_costs_more() -> None:
    program = make_program()
    answer = program.post("diffusions/quote", {"task": "image-to-video", "image": PICTURE, "seconds": 6}).json()
    assert answer["credits"] == 24
    assert {"name": "Length", "factor": 2.0} in [
        {"name": term["name"], "factor": term["factor"]} for term in answer["terms"]
    ]


def test_a_test_key_s_video_costs_nothing() -> None:
    program = make_program(is_test=True)
    made = order(program)
    assert Job.objects.get(pk=made).credits == 0
    assert claim().jobs[0].pk == Job.objects.get(pk=made).pk
