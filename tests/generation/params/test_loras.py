from typing import Any

import pytest

from accounts.models import User
from generation import custom_models, params
from generation.errors import InvalidParams
from generation.models import CustomModel
from generation.params import Params
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready, training
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(db: None) -> CustomModel:
    return ready(make_person())


def parse(user: User, task: str = "text-to-image", **values: Any) -> Params:
    return params.parse(task, {"prompt": "a red zwerg", **values}, user)


def refusal(user: User, **values: Any) -> tuple[str, str, str]:
    with pytest.raises(InvalidParams) as caught:
        parse(user, **values)
    (error,) = caught.value.errors
    return error.field, error.code, error.message


def test_a_model_of_ones_own_counts_with_its_weight_and_whole_where_none_is_named(model: CustomModel) -> None:
    listed = parse(model.owner, loras=[{"id": str(model.pk), "weight": 0.5}])
    assert [(one.id, one.weight, one.sha256, one.name) for one in listed.loras] == [
        (str(model.pk), 0.5, model.sha256, "My toy")
    ]
    assert parse(model.owner, loras=[{"id": str(model.pk)}]).loras[0].weight == 1.0


def test_a_form_names_the_same_as_text(model: CustomModel) -> None:
    as_list = parse(model.owner, loras=[{"id": str(model.pk), "weight": -0.25}])
    assert parse(model.owner, loras=f"{model.pk}:-0.25") == as_list
    assert parse(model.owner, loras=f" {model.pk} ").loras[0].weight == 1.0


def test_its_id_in_the_place_of_the_model_means_its_base_with_it(model: CustomModel) -> None:
    short = parse(model.owner, model=str(model.pk))
    assert short == parse(model.owner, model="starter", loras=[{"id": str(model.pk)}])
    assert (short.model, short.served().slug) == ("starter", "starter")
    both = parse(model.owner, model=str(model.pk), loras=[{"id": str(model.pk), "weight": 0.3}])
    assert [one.weight for one in both.loras] == [0.3]


@pytest.mark.parametrize("task", ["image-to-image", "variations", "outpaint", "replace-background"])
def test_every_task_with_words_takes_one_and_gives_it_back_as_it_was_sent(model: CustomModel, task: str) -> None:
    sent = {"loras": [{"id": str(model.pk), "weight": 0.5}], "image": brought(model.owner).reference, "left": 32}
    wanted = parse(model.owner, task, **{name: sent[name] for name in sent if name in params.FIELDS[task]})
    assert wanted.loras[0].sha256 == model.sha256
    assert params.values_of(task, wanted.as_dict())["loras"] == sent["loras"]


def test_only_equal_loras_share_a_pass(model: CustomModel) -> None:
    other = ready(model.owner, trigger_word="other")
    use = [
        [],
        [{"id": str(model.pk)}],
        [{"id": str(model.pk), "weight": 0.5}],
        [{"id": str(other.pk)}],
    ]
    keys = [parse(model.owner, loras=loras).batch_key("starter") for loras in use]
    assert len(set(keys)) == len(keys)
    assert parse(model.owner, prompt="an owl", model=str(model.pk)).batch_key("starter") == keys[1]


def test_another_persons_model_is_not_there_until_they_share_it(model: CustomModel) -> None:
    stranger = make_user()
    assert refusal(stranger, loras=[{"id": str(model.pk)}])[:2] == ("loras", "model_not_yours")
    assert refusal(stranger, model=str(model.pk))[:2] == ("model", "model_not_yours")

    custom_models.accept(model, stranger, custom_models.share(model))
    assert parse(stranger, model=str(model.pk)).loras[0].id == str(model.pk)


@pytest.mark.parametrize(("make", "words"), [(draft, "has not been trained yet"), (training, "is still being trained")])
def test_what_is_not_ready_is_refused_with_its_state(make: Any, words: str) -> None:
    model = make(make_person())
    field, code, message = refusal(model.owner, loras=[{"id": str(model.pk)}])
    assert (field, code) == ("loras", "model_not_ready")
    assert words in message
    custom_models.delete(model)
    assert "was deleted" in refusal(model.owner, loras=[{"id": str(model.pk)}])[2]


def test_another_base_is_refused_by_name(model: CustomModel) -> None:
    field, code, message = refusal(model.owner, model="starter-fast", loras=[{"id": str(model.pk)}])
    assert (field, code) == ("loras", "wrong_base_model")
    assert "was made for the model starter" in message


@pytest.mark.parametrize(
    ("loras", "words"),
    [
        ({"id": "x"}, "These are not LoRAs"),
        ([7], "an id and a weight"),
        ([{"id": "x"}], "“x” is not the id of a model"),
        ([{"id": "{id}", "scale": 1}], "an id and a weight"),
        ([{"id": "{id}", "weight": 2.5}], "from -1 to 2"),
        ([{"id": "{id}", "weight": "heavy"}], "from -1 to 2"),
        ([{"id": "{id}", "weight": True}], "from -1 to 2"),
        ([{"id": "{id}", "weight": float("nan")}], "from -1 to 2"),
        ([{"id": "{id}", "weight": "9" * 400}], "from -1 to 2"),
        ([{"id": "{id}"}, {"id": "{id}"}], "there twice"),
        ([{"id": "{id}"}] * 4, "3 can be used together"),
    ],
)
def test_what_cannot_be_read_is_refused(model: CustomModel, loras: Any, words: str) -> None:
    if isinstance(loras, list):
        loras = [{**one, "id": one["id"].format(id=model.pk)} if isinstance(one, dict) else one for one in loras]
    field, _, message = refusal(model.owner, loras=loras)
    assert field == "loras"
    assert words in message


def test_a_model_whose_base_was_withdrawn_is_refused(model: CustomModel) -> None:
    CustomModel.objects.update(base_model="gone")
    assert refusal(model.owner, model=str(model.pk))[:2] == ("model", "unknown_model")


def test_two_models_of_the_same_file_are_refused_before_anything_is_charged(model: CustomModel) -> None:
    twin = ready(model.owner, name="Twin", trigger_word="zwillz")
    CustomModel.objects.filter(pk=twin.pk).update(sha256=model.sha256)

    field, _, message = refusal(model.owner, loras=[{"id": str(model.pk)}, {"id": str(twin.pk)}])

    assert (field, "have the same file" in message) == ("loras", True)
