"""A folder with a model that an operator brought: a toy in the layout of the real ones, and a pickle beside it."""

import pickle
from pathlib import Path

from django.conf import LazySettings

from generation import model_installs

MODEL = next(one for one in model_installs.offered() if one.index_file == "model_index.json")


def bring(settings: LazySettings, tmp_path: Path) -> Path:
    """Return the folder of the model that can be copied; where it goes is the test's own, too."""
    settings.MODELS_DIR = tmp_path / "models"
    settings.MODEL_SOURCES_DIR = str(tmp_path / "sources")
    folder = tmp_path / "sources" / "brought"
    (folder / "unet").mkdir(parents=True)
    (folder / "model_index.json").write_text("{}")
    (folder / "unet" / "config.json").write_text("{}")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(weights())
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps("never"))
    return folder


def weights(header: bytes = b'{"__metadata__": {}}') -> bytes:
    return len(header).to_bytes(8, "little") + header
