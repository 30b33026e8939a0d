import pytest

from generation.catalog import MODELS
from generation.params.sizes import fit, shape_max


@pytest.mark.parametrize(
    ("size", "fitted"),
    [((128, 128), (128, 128)), ((4000, 3000), (128, 96)), ((50, 40), (160, 128)), ((1600, 900), (160, 96))],
)
def test_a_picture_is_fitted_to_the_starters_grid(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    assert fit(MODELS["starter"], *size) == fitted


@pytest.mark.parametrize("slug", ["starter", "stable-diffusion-1-5", "stable-diffusion-xl", "flux-1-schnell"])
@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (640, 480), (37, 41)])
def test_whatever_comes_stays_within_the_models_bounds(slug: str, size: tuple[int, int]) -> None:
    model = MODELS[slug]
    width, height = fit(model, *size)
    for side in (width, height):
        assert model.min_side <= side <= model.max_side
        assert side % model.grid == 0
    # Near the area that the model was made for.
    assert 0.4 <= width * height / model.default_size.area <= 2.5


def test_the_longest_shape_is_half_again_as_long_as_the_model_draws() -> None:
    assert shape_max(MODELS["starter"]) == 4.0
