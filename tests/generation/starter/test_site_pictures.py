"""The site's pictures are drawn with the settings that they name."""

from generation.starter import site_pictures
from generation.starter.site_pictures import Painter, Wish, guide_wishes


def test_every_slider_has_places_that_differ_in_one_setting() -> None:
    for slug, wishes in guide_wishes().items():
        assert len(wishes) >= 5, slug
        assert len({wish.label for wish in wishes}) == len(wishes)
        assert len({wish.prompt for wish in wishes}) == 1


def test_a_painter_draws_what_was_wished_again_and_from_a_picture() -> None:
    painter = Painter()
    few = Wish("2", "a fox", steps=2)

    assert painter.draw(few).tobytes() == painter.draw(few).tobytes()
    assert painter.draw(Wish("1", "a lemon", steps=2, strength=0.5)).size == (site_pictures.SIDE, site_pictures.SIDE)
