"""People's own models for tests: drafts with pictures, and models that are ready, by the product's own verbs."""

from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import User
from generation import custom_models, lifecycle
from generation.models import CustomModel, Job
from tests.generation.runs import submit
from tests.generation.uploads import brought


def draft(owner: User, pictures: int = 0, **facts: Any) -> CustomModel:
    """Return a draft with so many pictures."""
    given = {"name": "My toy", "subject_class": "object", "trigger_word": "zwerg", "base_model": "starter"}
    model = custom_models.create_draft(owner, **{**given, **facts})
    for seed in range(pictures):
        custom_models.add_picture(model, brought(owner, 256, 256, seed))
    return model


def training(owner: User, pictures: int = 0, **facts: Any) -> CustomModel:
    """Return a model whose training was ordered; its run is some run of this person's."""
    model = draft(owner, pictures, **facts)
    custom_models.begin(model, Job.objects.get(pk=submit(owner).pk))
    model.refresh_from_db()
    return model


def lora_file(content: bytes = b"weights") -> Path:
    """Return a file that stands for what a training wrote."""
    path = Path(settings.DATA_DIR) / "trained.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def ready(owner: User, file: Path | None = None, rank: int = 4, **facts: Any) -> CustomModel:
    """Return a model that can be used."""
    model = training(owner, **facts)
    custom_models.finish(model, custom_models.keep_weights(model, file or lora_file(), rank=rank))
    assert model.job is not None
    lifecycle.cancel(model.job)  # it only stood for a training, and no worker of pictures must meet it
    model.refresh_from_db()
    return model
