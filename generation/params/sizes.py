"""Which size a model draws a picture in: the picture's shape, the model's grid, the pixels the model was made for."""

import math

from generation.catalog import CatalogModel

# How much a wrong area weighs against a wrong shape; shape matters more, for it is what people see.
_AREA_WEIGHT = 0.5


def fit(model: CatalogModel, width: int, height: int) -> tuple[int, int]:
    """Return the (width, height) on the model's grid that comes nearest to the shape of width : height.

    Its area is about that of the model's default size, whatever the picture's; both sides are within its bounds.
    """
    sides = range(math.ceil(model.min_side / model.grid) * model.grid, model.max_side + 1, model.grid)
    shape, area = math.log(width / height), math.log(model.default_size.area)

    def cost(size: tuple[int, int]) -> tuple[float, int]:
        off_shape = abs(math.log(size[0] / size[1]) - shape)
        off_area = abs(math.log(size[0] * size[1]) - area)
        return off_shape + _AREA_WEIGHT * off_area, size[0] * size[1]

    return min(((wide, high) for wide in sides for high in sides), key=cost)


def shape_max(model: CatalogModel) -> float:
    """Return how many times as wide as high (or the other way round) a picture may be that the model draws anew."""
    return 1.5 * model.max_side / model.min_side
