from urllib.parse import parse_qs, urlsplit

import pytest

from getimg_site import guides


@pytest.mark.parametrize("guide", guides.GUIDES, ids=lambda guide: guide.slug)
def test_a_stop_leads_to_the_form_that_draws_it_with_its_settings(guide: guides.Guide) -> None:
    is_of_editor = guide.slug == "strength"

    for stop in guides.stops(guide):
        address = urlsplit(stop.address)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert address.path == ("/edit/" if is_of_editor else "/create/")
        assert stop.settings.items() <= asked.items()
        assert ("strength" in asked, "example" in asked) == (is_of_editor, is_of_editor)
