import pytest

from accounts.models import ApiKey
from generation import pricing
from generation.api import quotes
from generation.api.problems import Problem
from generation.params import TextToImageParams, parse_text_to_image
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def settings_of(**more: object) -> TextToImageParams:
    return parse_text_to_image({"prompt": "a fox", "num_images": 2, **more})


def test_a_promise_is_kept_for_any_prompt_and_seed() -> None:
    key = ApiKey(user=make_user())
    quote_id = quotes.identify(key, settings_of(), pricing.quote(settings_of()))

    kept = quotes.honoured(quote_id, key, settings_of(prompt="another", seed=7))

    assert (kept.credits, kept.credits_per_image, kept.version) == (2, 1, pricing.VERSION)


@pytest.mark.parametrize("change", [{"steps": 50}, {"width": 256}, {"num_images": 3}])
def test_a_promise_is_for_what_the_price_depends_on(change: dict[str, object]) -> None:
    key = ApiKey(user=make_user())
    quote_id = quotes.identify(key, settings_of(), pricing.quote(settings_of()))

    with pytest.raises(Problem) as caught:
        quotes.honoured(quote_id, key, settings_of(**change))

    assert caught.value.code == "quote_mismatch"


def test_a_promise_that_was_changed_is_none() -> None:
    key = ApiKey(user=make_user())
    quote_id = quotes.identify(key, settings_of(), pricing.quote(settings_of()))

    with pytest.raises(Problem) as caught:
        quotes.honoured(quote_id[:-2] + "xx", key, settings_of())

    assert caught.value.code == "unknown_quote"
