import pytest

from accounts.models import ApiKey
from generation.api import ordering, requests
from generation.errors import InvalidParams, ModelUnknown
from generation.models import ModelAlias
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db


def priced(*, is_test: bool = False, **body: object) -> ordering.Priced:
    key = ApiKey(user=make_user(), is_test=is_test)
    return ordering.price(key, requests.read({"prompt": "a fox", **body}))


def test_a_live_key_pays_and_gets_the_model_it_names() -> None:
    ModelAlias.objects.get_or_create(slug="midjourney", defaults={"target": "starter"})
    found = priced(model="midjourney", numImages=3)

    assert (found.params.model, found.served_by, found.quote.credits) == ("midjourney", "starter", 3)


def test_a_test_key_pays_nothing_and_gets_the_starter_model() -> None:
    found = priced(is_test=True, model="flux-1-schnell", numImages=3)

    assert (found.params.model, found.served_by, found.quote.credits) == ("flux-1-schnell", "starter", 0)


def test_a_test_key_is_bound_by_the_starter_models_bounds() -> None:
    with pytest.raises(InvalidParams):
        priced(is_test=True, model="flux-1-schnell", width=1024, height=1024)


def test_a_test_key_can_not_name_what_there_is_not() -> None:
    with pytest.raises(ModelUnknown):
        priced(is_test=True, model="nothing")


@pytest.mark.parametrize("is_test", [False, True])
def test_a_model_of_ones_own_is_named_by_its_id_or_among_the_loras(is_test: bool) -> None:
    model = ready(make_person())
    key = ApiKey(user=model.owner, is_test=is_test)

    for body in ({"model": str(model.pk)}, {"loras": [{"id": str(model.pk), "weight": 1}]}):
        found = ordering.price(key, requests.read({"prompt": "a zwerg", **body}))
        assert (found.params.model, found.served_by) == ("starter", "starter")
        assert [(one.id, one.weight) for one in found.params.loras] == [(str(model.pk), 1.0)]
        assert found.quote.credits == (0 if is_test else 1)
