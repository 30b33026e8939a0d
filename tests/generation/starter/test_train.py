import random
from pathlib import Path

import pytest
import torch

from generation.checksums import verify_checksums
from generation.starter.loading import load_pipeline
from generation.starter.networks import TOY, make_unet, make_vae
from generation.starter.train import export, parse_arguments

SIZE = 64


def test_exported_model_loads_and_draws_unknown_words(tmp_path: Path) -> None:
    export(tmp_path / "model", make_vae(TOY, SIZE), make_unet(TOY, SIZE // 8))
    verify_checksums(tmp_path / "model")
    pipeline = load_pipeline(tmp_path / "model")
    pipeline.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(random.Random(1).randrange(100))
    picture = pipeline("a zyzzyva", num_inference_steps=2, generator=generator).images[0]
    assert picture.size == (SIZE, SIZE)


def test_it_trains_everything_from_nothing_by_default() -> None:
    options = parse_arguments([])

    assert options.stages == ["vae", "unet"]
    assert options.init is None


def test_an_unknown_stage_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--stages", "magic"])

    assert "magic" in capsys.readouterr().err
