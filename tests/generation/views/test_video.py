"""The video page: with nothing, a picture or an upload; what it sends, and what it shows of what came."""

import re
import uuid

import pytest

from generation.models import Job
from tests.generation.runs import balance, finished, make_person
from tests.generation.trained import ready
from tests.generation.uploads import brought
from tests.generation.videos import clip_of, make_video
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get("/video/"), "/video/")


def test_it_begins_empty_and_says_what_a_video_costs() -> None:
    page = visitor(make_person()).get("/video/").content.decode()
    assert "Your videos will appear here" in page
    assert "Up to 3 s cost 12 credits" in page
    assert 'id="opened"' not in page
    assert re.search(r'href="/video/" aria-current="page"', page)


def test_it_opens_with_a_picture_of_the_reader_s() -> None:
    person = make_person()
    image = finished(person, num_images=1).images.get()
    assert f"image:{image.pk}" in visitor(person).get(f"/video/{image.pk}/").content.decode()
    upload = brought(person)
    assert upload.reference in visitor(person).get("/video/", {"upload": str(upload.pk)}).content.decode()


def test_a_stranger_s_picture_is_not_found() -> None:
    image = finished(make_person(), num_images=1).images.get()
    stranger = visitor(make_person("bob@example.com"))
    assert stranger.get(f"/video/{image.pk}/").status_code == 404
    assert stranger.get("/video/", {"upload": str(uuid.uuid4())}).status_code == 404


def test_the_form_is_priced_and_sent_like_an_edit() -> None:
    person = make_person()
    values = {"task": "image-to-video", "image": brought(person).reference, "end_image": "", "prompt": "", "fps": ""}
    client = visitor(person)
    assert client.post("/edit/price/", {**values, "seconds": "3.0"}).json()["credits"] == 12
    assert client.post("/edit/price/", {**values, "seconds": "6"}).json()["credits"] == 24
    refused = client.post("/edit/price/", {**values, "seconds": "60"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "seconds"
    for _ in range(2):  # a double click
        assert client.post("/edit/runs/", {**values, "seconds": "3.0", "key": "once"}).status_code == 201
    assert Job.objects.get().task == "image-to-video"
    assert balance(person) == 88


def test_the_price_line_names_what_a_video_costs_and_why_one_costs_more() -> None:
    person = make_person()
    values = {"task": "image-to-video", "image": brought(person).reference}
    client = visitor(person)
    assert client.post("/edit/price/", values).json()["line"] == "12 credits a video"
    assert client.post("/edit/price/", {**values, "seconds": "6"}).json()["line"] == "24 credits a video: length 2 ×"


def test_a_video_says_what_was_chosen_for_it_and_not_what_is_the_model_s_own() -> None:
    person = make_person()
    make_video(person, motion=0.8, seconds=2, fps=10)
    page = visitor(person).get("/video/").content.decode()
    for words in ("2 s", "10 a second", "Motion 0.8"):
        assert f'<li class="chip">{words}</li>' in page
    assert "25 steps" not in page


def test_a_run_s_pictures_and_settings_can_be_taken_over() -> None:
    person = make_person()
    end = brought(person, seed=2)
    video = make_video(person, prompt="a blue owl", motion=0.8, seconds=2, fps=10, seed=77, end_image=end.reference)
    page = visitor(person).get("/video/", {"branch": str(video.job_id)}).content.decode()
    assert 'id="opened-end"' in page
    assert end.reference in page
    assert ">a blue owl</textarea>" in page
    for name, value in (("motion", "0.8"), ("seconds", "2.0"), ("fps", "10"), ("seed", "77")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', page), name
    assert f"/video/?branch={video.job_id}" in page
    stranger = visitor(make_person("bob@example.com"))
    assert stranger.get("/video/", {"branch": str(video.job_id)}).status_code == 404

    moved = visitor(person).get("/create/", {"from": str(video.pk), "take": "all"})
    assert moved["Location"] == f"/video/?from={video.pk}"
    everything = visitor(person).get(moved["Location"]).content.decode()
    assert 'id="opened-end"' in everything
    for name, value in (("motion", "0.8"), ("seconds", "2.0"), ("fps", "10"), ("seed", "77")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', everything), name
    assert stranger.get("/video/", {"from": str(video.pk)}).status_code == 404


def test_videos_and_no_other_runs_are_listed_with_their_length() -> None:
    person = make_person()
    finished(person, prompt="a red fox", num_images=1)
    video = make_video(person, prompt="a blue owl")
    page = visitor(person).get("/video/").content.decode()
    assert "a blue owl" in page
    assert "a red fox" not in page
    assert "0.5 s" in page
    assert clip_of(video).mp4 in page


@pytest.mark.parametrize("address", ["/library/", "/create/"])
def test_galleries_show_the_poster_and_know_the_video(address: str) -> None:
    video = make_video(make_person())
    page = visitor(video.user).get(address).content.decode()
    assert re.search(rf'data-clip="/media/\d+/\w+/{re.escape(clip_of(video).mp4)}"', page)
    assert "<video" not in page  # nothing of it is loaded until it is wanted


def test_its_own_page_plays_it_and_offers_each_kind_of_file() -> None:
    video = make_video(make_person())
    page = visitor(video.user).get(f"/pictures/{video.pk}/").content.decode()
    assert re.search(rf'<video [^>]*src="/media/\d+/\w+/{re.escape(clip_of(video).mp4)}"[^>]* controls', page)
    for kind in ("mp4", "webp", "gif", "poster"):
        assert f"/pictures/{video.pk}/download/?kind={kind}" in page
    assert f"/video/{video.pk}/" in page
    assert clip_of(video).sha256 in page


def test_a_video_is_made_with_a_model_of_ones_own() -> None:
    person = make_person(credits=1000)
    model = ready(person)
    client = visitor(person)
    assert f'name="lora" value="{model.pk}"' in client.get("/video/").content.decode()
    values = {"task": "image-to-video", "image": brought(person).reference, "seconds": "1", "key": "once"}
    response = client.post("/edit/runs/", {**values, "lora": str(model.pk), f"lora_weight_{model.pk}": "0.5"})
    assert response.status_code == 201
    used = Job.objects.get(task="image-to-video").params["loras"]
    assert [(one["id"], one["weight"]) for one in used] == [(str(model.pk), 0.5)]
