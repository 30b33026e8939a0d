"""A starter whose weights can be replaced, for tests: in a folder of its own, with a list of checksums alone."""

import json
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from generation import catalog
from generation.catalog import CatalogModel
from generation.checksums import CHECKSUMS_NAME


def movable(models: Path) -> dict[str, CatalogModel]:
    """Return the catalogue with a starter that lies in the folder of models that were fetched."""
    settings.MODELS_DIR = models
    starter = replace(catalog.MODELS["starter"], ships_in="")
    starter.folder.mkdir(parents=True)
    starter.folder.joinpath("model_index.json").write_text("{}")
    put_weights("first")
    return {**catalog.MODELS, "starter": starter}


def put_weights(name: str) -> None:
    """Give the starter other weights."""
    listed = {"unet/diffusion_pytorch_model.safetensors": name, "model_index.json": "same"}
    (Path(settings.MODELS_DIR) / "starter" / CHECKSUMS_NAME).write_text(json.dumps(listed))
