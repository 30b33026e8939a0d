"""Models that operators have installed in the admin: copied or fetched, checked, and switched off until switched on."""

import json
import pickle
from pathlib import Path

import pytest
from django.conf import LazySettings
from huggingface_hub.errors import LocalEntryNotFoundError

from generation import downloads, model_installs, model_switches
from generation.models import InstalledModel, ModelInstall
from tests.factories import make_user
from tests.generation.brought_models import MODEL, bring, weights

pytestmark = pytest.mark.django_db


@pytest.fixture
def sources(settings: LazySettings, tmp_path: Path) -> Path:
    """Return the folder of a model that can be copied."""
    return bring(settings, tmp_path)


def install(folder: str = "brought") -> ModelInstall:
    made = model_installs.order(make_user(is_staff=True), MODEL, folder)
    model_installs.run(made.pk)
    made.refresh_from_db()
    return made


def test_a_folder_is_copied_pinned_and_switched_off(sources: Path) -> None:
    made = install()

    assert (made.trouble, made.state, made.done, made.files) == ("", "Installed", 3, 3)
    model_switches.memory.forget()
    assert MODEL.is_installed
    assert not MODEL.is_available
    pinned = InstalledModel.objects.get(slug=MODEL.slug)
    assert set(pinned.checksums) == set(json.loads((MODEL.folder / "checksums.json").read_text()))
    assert not [path for path in MODEL.folder.rglob("*") if path.suffix == ".bin"]


def test_what_is_no_model_is_refused_and_leaves_nothing(sources: Path) -> None:
    file = sources / "unet" / "diffusion_pytorch_model.safetensors"
    for content, said in (
        (pickle.dumps({"a": list(range(99))}), "not such a file"),
        (weights(b'["a"]'), "not such a file"),
        (weights()[:12], "not such a file"),
    ):
        file.write_bytes(content)
        assert said in install().trouble
        assert not MODEL.folder.exists()
    file.unlink()
    assert "pickles can run code" in install().trouble
    assert not InstalledModel.objects.exists()


def test_links_lead_out_of_no_folder(sources: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('"secret"')
    (sources / "unet" / "config.json").unlink()
    (sources / "unet" / "config.json").symlink_to(tmp_path / "secret.json")

    assert install().trouble == ""

    assert not (MODEL.folder / "unet" / "config.json").exists()


def test_other_files_than_those_pinned_are_refused(sources: Path) -> None:
    install()
    (sources / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(weights(b'{"other": {}}'))

    assert "pinned is" in install().trouble
    assert MODEL.is_installed


def test_a_hub_that_is_away_is_said(sources: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*values: object) -> None:
        raise LocalEntryNotFoundError("no network")

    monkeypatch.setattr(downloads, "download", away)

    made = install("")

    assert (made.is_open, made.trouble) == (False, "The files could not be read: LocalEntryNotFoundError")


def test_a_process_that_died_is_followed_three_times(sources: Path) -> None:
    made = model_installs.order(make_user(is_staff=True), MODEL, "brought")
    ModelInstall.objects.filter(pk=made.pk).update(tries=3)

    assert not model_installs.run(made.pk)

    made.refresh_from_db()
    assert "never came to an end" in made.trouble
