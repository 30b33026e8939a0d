import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Pillow

from generation.models import Job
from tests.flows.clusters import gpu_cluster
from tests.generation.runs import balance, make_person
from tests.generation.uploads import photograph


def generate(*arguments: str) -> str:
    output = io.StringIO()
    call_command("generate", *arguments, stdout=output, stderr=io.StringIO())
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_the_pictures_and_prints_where_they_are(child_environment: dict[str, str], tmp_path: Path) -> None:
    user = make_person(credits=10)

    with gpu_cluster(child_environment, tmp_path):
        printed = generate("a red fox", "--user", user.email, "--num-images", "2", "--seed", "7")

    lines = printed.strip().splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["7", "8"]
    for line in lines:
        assert Pillow.open(line.split("  seed")[0]).size == (128, 128)
    assert balance(user) == 8


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a fox", "--user", "nobody@example.com"), "Nobody has the address nobody@example.com"),
        (("a fox", "--user", "ada@example.com", "--steps", "0"), "steps go from 1 to 100"),
        (("a fox", "--user", "ada@example.com", "--num-images", "10"), "10"),
        (("a fox", "--user", "ada@example.com", "--model", "sdxl-turbo"), "not installed"),
        (("a fox", "--user", "ada@example.com", "--lora", "mine:0.5"), "“mine” is not the id of a model"),
        (("--task", "upscale", "--user", "ada@example.com"), "Choose a picture"),
        (("--task", "upscale", "--user", "ada@example.com", "--image", "/nowhere.png"), "No such file"),
        (("--task", "upscale", "--user", "ada@example.com", "--set", "factor"), "not a setting"),
    ],
)
def test_a_refusal_says_why_and_charges_nothing(arguments: tuple[str, ...], words: str) -> None:
    user = make_person(credits=3)

    with pytest.raises(CommandError, match=words):
        generate(*arguments)

    assert balance(user) == 3
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_it_gives_up_waiting_when_nobody_draws() -> None:
    user = make_person()

    with pytest.raises(CommandError, match=r"Still waiting after 0\.2 s"):
        generate("a fox", "--user", user.email, "--timeout", "0.2")


@pytest.mark.django_db
def test_an_edit_takes_files_and_the_tasks_own_settings(tmp_path: Path) -> None:
    user = make_person()
    photograph(60, 40).save(tmp_path / "a.png")
    arguments = ("--task", "upscale", "--image", str(tmp_path / "a.png"), "--set", "factor=4", "--timeout", "0.2")

    with pytest.raises(CommandError, match="Still waiting"):
        generate("--user", user.email, *arguments)

    job = Job.objects.get()
    assert (job.task, job.params["factor"], job.params["result_width"]) == ("upscale", 4, 240)
