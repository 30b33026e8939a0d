"""The previews of links to the site's own pages."""

import pytest
from PIL import Image

from generation.starter import site_cards


@pytest.mark.parametrize("count", [3, 5, 7, 8, 12])
def test_a_card_has_the_size_that_is_asked_for_and_shows_first_and_last(count: int) -> None:
    pictures = [Image.new("RGB", (128, 128), (20 * number, 90, 60)) for number in range(1, count + 1)]

    card = site_cards.make_card(pictures)

    assert card.size == (1200, 630)
    assert card.getpixel((60, 300)) == (20, 90, 60)
    assert card.getpixel((1140, 350)) == (20 * min(count, 8), 90, 60)


def test_every_card_is_there_and_small_enough_to_be_fetched() -> None:
    for name, chosen in site_cards.files(site_cards.STATIC).items():
        path = site_cards.STATIC / f"img/share/{name}.jpg"
        assert len(chosen) >= 3
        assert Image.open(path).size == site_cards.SIZE
        assert path.stat().st_size < 300_000
