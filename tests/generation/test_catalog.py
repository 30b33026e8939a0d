from pathlib import Path

import pytest
from django.conf import LazySettings

from generation import catalog, catalog_shapes
from generation.errors import ModelUnavailable, ModelUnknown
from generation.models import ModelAlias

pytestmark = pytest.mark.django_db


def test_the_default_model_ships_with_the_project() -> None:
    model = catalog.resolve(catalog.DEFAULT_SLUG).model

    assert model.is_installed
    assert model.spec().folder == str(catalog.STARTER_FOLDER)


def test_every_model_names_a_licence_that_pictures_can_remember() -> None:
    for model in catalog.MODELS.values():
        assert catalog.LICENCES[model.licence.name] == model.licence == catalog.licence_of(model.slug)
        assert model.licence.url.startswith("https://")
        assert len(model.licence.name) <= 64


def test_nothing_is_promised_for_a_model_that_left_the_catalogue() -> None:
    assert catalog.licence_of("gone") == catalog.UNKNOWN_LICENCE
    assert not catalog.UNKNOWN_LICENCE.commercial


def test_every_model_fits_its_own_bounds() -> None:
    for model in catalog.MODELS.values():
        assert len({size.value for size in model.sizes}) == len(model.sizes), model.slug
        for size in model.sizes:
            for side in (size.width, size.height):
                assert model.min_side <= side <= model.max_side, (model.slug, size)
                assert side % model.grid == 0, (model.slug, size)
        assert 1 <= model.default_steps <= model.max_steps
        assert model.schedulers or not catalog.can(model, "text-to-image")


def test_midjourney_is_an_alias_of_the_starter_openly() -> None:
    served = catalog.resolve("midjourney")

    assert (served.slug, served.model.slug) == ("midjourney", "starter")


def test_an_alias_is_the_operators_to_edit() -> None:
    ModelAlias.objects.filter(slug="midjourney").update(target="openjourney")

    with pytest.raises(ModelUnavailable, match="Openjourney is not installed"):
        catalog.resolve("midjourney")


def test_an_alias_to_nowhere_is_unknown_and_not_offered() -> None:
    ModelAlias.objects.create(slug="dream", target="gone")

    with pytest.raises(ModelUnknown):
        catalog.find("dream")
    assert "dream" not in {served.slug for served in catalog.offered()}


def test_a_model_appears_when_its_files_are_there(settings: LazySettings, tmp_path: Path) -> None:
    settings.MODELS_DIR = tmp_path
    with pytest.raises(ModelUnavailable):
        catalog.resolve("stable-diffusion-xl")

    (tmp_path / "stable-diffusion-xl").mkdir()
    (tmp_path / "stable-diffusion-xl" / "model_index.json").write_text("{}")

    assert catalog.resolve("stable-diffusion-xl").model.is_installed


def test_what_is_installed_is_offered_first() -> None:
    offered = catalog.offered()

    installed = [served.model.is_installed for served in offered]
    assert installed == sorted(installed, reverse=True)
    assert {"starter", "midjourney", "flux-1-schnell"} <= {served.slug for served in offered}


def test_larger_pictures_make_smaller_batches(settings: LazySettings) -> None:
    model = catalog.MODELS["starter"]

    assert model.batch_size(128, 128) == 8
    assert model.batch_size(256, 256) == 2
    assert model.batch_size(96, 96) == 8
    settings.BATCH_SIZE_MAX = 1
    assert model.batch_size(96, 96) == 1


def test_the_fast_starter_is_the_starter_with_a_lora(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fast, usual = catalog.MODELS["starter-fast"], catalog.MODELS["starter"]

    assert fast.is_installed
    assert fast.folder == usual.folder
    assert (fast.default_steps, fast.default_guidance, fast.schedulers) == (6, 1.0, ("lcm",))
    assert fast.spec().adapter

    folder = tmp_path / catalog.STARTER_FOLDER.name
    folder.mkdir()
    (folder / "model_index.json").write_text("{}")
    monkeypatch.setattr(catalog_shapes, "STARTER_FOLDER", folder)
    assert usual.is_installed
    assert not fast.is_installed


def install(folder: Path, *slugs: str) -> None:
    """Put the file that stands for a model's being there."""
    for slug in slugs:
        path = folder / slug / catalog.MODELS[slug].index_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def tools(task: str, slug: str, control: str = "") -> list[str]:
    return [tool.slug for tool in catalog.tools_for(task, catalog.MODELS[slug], control)]


def test_a_task_is_given_what_helps_it_where_it_is_installed(settings: LazySettings, tmp_path: Path) -> None:
    settings.MODELS_DIR = tmp_path
    assert tools("remove-background", "grabcut") == tools("blend", "stable-diffusion-1-5") == []
    assert tools("replace-background", "stable-diffusion-1-5") == ["grabcut"]

    install(tmp_path, "rf-detr-seg", "vitmatte", "ip-adapter", "controlnet-pose", "controlnet-depth", "vitpose")

    assert tools("remove-background", "vitmatte") == ["rf-detr-seg"]
    assert tools("replace-background", "stable-diffusion-1-5") == ["vitmatte", "rf-detr-seg"]
    assert tools("blend", "dreamshaper-8") == ["ip-adapter"]
    assert tools("blend", "stable-diffusion-xl") == []
    assert tools("controlnet", "dreamshaper-8", "pose") == ["controlnet-pose", "vitpose", "rf-detr-seg"]
    assert tools("controlnet", "dreamshaper-8", "depth") == ["controlnet-depth"]
    assert catalog.draws_map("pose")
    assert catalog.draws_map("canny")
    assert not catalog.draws_map("depth")


def test_the_starter_is_helped_by_nothing_that_was_made_for_others_of_its_family(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "ip-adapter", "controlnet-canny")
    starter = catalog.MODELS["starter"]

    assert catalog.controls_of(starter) == []
    assert not catalog.sees_pictures(starter)
    assert catalog.sees_pictures(catalog.MODELS["dreamshaper-8"])
