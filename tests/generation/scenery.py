"""Pictures with something to see in them, made by a script: shapes before a ground, another with each seed."""

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw


def scene(seed: int, side: int = 300) -> Pillow.Image:
    """Return a picture that differs from others in everything."""
    chance = np.random.default_rng(seed)
    rows, columns = np.indices((side, side)) / side
    ground = np.stack(
        [np.sin(chance.uniform(1, 5) * rows + chance.uniform(1, 5) * columns + part) for part in range(3)]
    )
    picture = Pillow.fromarray((127 + 80 * ground.transpose(1, 2, 0)).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        left, top = chance.integers(0, int(side * 0.8), 2)
        width, height = chance.integers(side // 12, side // 3, 2)
        colour = tuple(int(value) for value in chance.integers(0, 256, 3))
        shape = draw.ellipse if chance.random() < 0.5 else draw.rectangle
        shape((int(left), int(top), int(left + width), int(top + height)), fill=colour)
    return picture
