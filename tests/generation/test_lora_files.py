from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from pytest_django import Settings

from generation import custom_models, lifecycle, lora_files, params
from generation.errors import LoraGone
from generation.models import CustomModel, Job
from tests.generation.runs import balance, make_person
from tests.generation.trained import ready
from tests.generation.workers import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> CustomModel:
    return ready(make_person())


def send(model: CustomModel, weight: float = 1.0) -> Job:
    values = {"prompt": "a zwerg", "model": model.base_model, "loras": [{"id": str(model.pk), "weight": weight}]}
    return lifecycle.submit(model.owner, params.parse("text-to-image", values, model.owner), key=str(weight))


def test_a_run_is_laid_out_with_file_checksum_and_weight(model: CustomModel) -> None:
    (lora,) = lora_files.lay_out(send(model, 0.5))
    assert (lora.sha256, lora.weight) == (model.sha256, 0.5)
    assert lora.path == default_storage.path(model.weights)


def test_a_file_in_a_bucket_is_copied_once(model: CustomModel, settings: Settings) -> None:
    class Bucket(FileSystemStorage):
        opened = 0

        def path(self, name: str) -> str:
            raise NotImplementedError

        def open(self, name: str, mode: str = "rb") -> "ContentFile[bytes]":
            Bucket.opened += 1
            return ContentFile(content)

    with default_storage.open(model.weights) as file:
        content = file.read()
    job = send(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lora_files, "default_storage", Bucket())
        (first,), (second,) = lora_files.lay_out(job), lora_files.lay_out(job)

    assert first == second
    assert first.path.startswith(str(settings.SCRATCH_DIR))
    assert Path(first.path).read_bytes() == content
    assert Bucket.opened == 1


def test_a_deleted_model_is_not_laid_out(model: CustomModel) -> None:
    job = send(model)
    custom_models.delete(model)
    with pytest.raises(LoraGone):
        lora_files.lay_out(job)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_waits_for_a_model_which_is_deleted_fails_with_its_credits_back(settings: Settings) -> None:
    settings.ENGINE_BACKEND = "noop"
    model = ready(make_person())
    job = send(model)
    assert balance(model.owner) == 99
    custom_models.delete(model)

    drain()

    job.refresh_from_db()
    assert (job.status, job.error_code) == (Job.Status.FAILED, "lora_gone")
    assert "was deleted meanwhile" in job.error_message
    assert balance(model.owner) == 100
