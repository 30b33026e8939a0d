"""Whatever people can come to see of a picture is looked at."""

import numpy as np

from generation.engine import looks


def test_an_opaque_picture_is_looked_at_once() -> None:
    colours = np.random.default_rng(1).integers(0, 256, (4, 6, 3), np.uint8)
    opaque = np.dstack([colours, np.full((4, 6), 255, np.uint8)])

    for picture in (colours, opaque):
        (seen,) = looks.pictures_of(picture)
        assert (seen == colours).all()


def test_a_transparent_picture_is_looked_at_as_its_colours_and_on_either_ground() -> None:
    picture = np.zeros((1, 3, 4), np.uint8)
    picture[0, :, 3] = (0, 128, 255)  # black of which nothing, half and all is there

    colours, on_light, on_dark = (seen[0, :, 0].tolist() for seen in looks.pictures_of(picture))

    assert colours == [0, 0, 0]
    assert on_light == [255, 127, 0]
    assert on_dark == [0, 0, 0]


def test_five_frames_of_a_video_are_looked_at_the_first_and_the_last_among_them() -> None:
    video = np.arange(9, dtype=np.uint8)[:, None, None, None].repeat(3, axis=3)

    assert [int(seen[0, 0, 0]) for seen in looks.pictures_of(video)] == [0, 2, 4, 6, 8]
    assert [int(seen[0, 0, 0]) for seen in looks.pictures_of(video[:2])] == [0, 1]
