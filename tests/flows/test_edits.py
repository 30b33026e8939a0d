"""Every task that begins from pictures, through the API from its price to its result, with a real worker and engine."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from generation import params
from generation.models import Image, Job
from tests.generation.api.calling import Program, api_balance, make_program
from tests.generation.api.test_pictures import body_for
from tests.generation.test_catalog import install
from tests.generation.workers import drain

pytestmark = pytest.mark.django_db(transaction=True)
# A film has a flow of its own.
EDITS = sorted(params.EDITS.keys() - {"image-to-video"})


def test_every_task_is_listed_priced_run_and_charged_as_it_was_priced(settings: LazySettings, tmp_path: Path) -> None:
    # The engine that draws flat colours reads no weights, so that the models that do not ship can be there as well.
    settings.ENGINE_BACKEND, settings.MODELS_DIR = "noop", tmp_path
    install(tmp_path, "instruct-pix2pix", "dreamshaper-8", "controlnet-canny")
    program = make_program(credits=200)
    listed = {task for model in program.get("models").json()["models"] for task in model["tasks"]}
    assert set(EDITS) <= listed

    prices = {task: _order(program, task) for task in EDITS}
    drain()

    assert {job.task: job.status for job in Job.objects.all()} == dict.fromkeys(EDITS, "FINISHED")
    assert api_balance(program.user) == 200 - sum(prices.values())
    for image in Image.objects.select_related("job"):
        with default_storage.open(image.file) as file:
            size = Pillow.open(file).size
        wanted = image.job.params["result_width"], image.job.params["result_height"]
        assert size == (image.width, image.height) == wanted, image.job.task


def _order(program: Program, task: str) -> int:
    """Order a task for the price that was quoted, and return it."""
    models = {"controlnet": {"model": "dreamshaper-8"}, "instruct": {"model": "instruct-pix2pix"}}
    body = {**body_for(task, program), **models.get(task, {})}
    quote = program.post("diffusions/quote", body).json()
    made = program.post("diffusions", {**body, "quoteId": quote["quoteId"]})
    assert made.status_code == 201, made.json()
    return int(quote["credits"])
