import pytest
from pytest_django import DjangoAssertNumQueries

from generation import custom_models, forms
from generation.catalog import Size
from generation.errors import FieldError, InvalidParams
from generation.models import ModelAlias
from tests.generation.runs import finished, make_person, submit
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db


def test_a_blank_form_shows_the_default_models_defaults() -> None:
    form = forms.blank()

    assert form.values["model"] == "starter"
    assert form.values["size"] == "128x128"
    assert form.values["steps"] == "25"
    assert form.values["guidance_scale"] == "2.5"
    assert form.values["seed"] == ""


def test_a_blank_form_goes_on_with_the_settings_of_the_last_run_but_not_its_words_or_seed() -> None:
    last = finished(make_person(), prompt="a fox", num_images=2, size="160x96", steps=30, seed=7)

    form = forms.blank(last)

    assert (form.values["num_images"], form.values["size"], form.values["steps"]) == ("2", "160x96", "30")
    assert (form.values["prompt"], form.values["seed"]) == ("", "")


def test_what_was_typed_comes_back_as_it_was() -> None:
    form = forms.typed({"prompt": " a  fox ", "steps": "abc", "key": "k1"})

    assert form.values["prompt"] == " a  fox "
    assert form.values["steps"] == "abc"
    assert form.key == "k1"


def test_a_form_without_a_key_gets_one() -> None:
    assert forms.typed({}).key != forms.typed({}).key != ""


def test_a_fresh_form_has_another_key_and_the_same_values() -> None:
    form = forms.typed({"prompt": "a fox", "key": "k1"})

    assert forms.fresh(form).key != "k1"
    assert forms.fresh(form).values == form.values


def test_a_size_of_ones_own_is_one_more_choice() -> None:
    choices = forms.typed({"size": "192x192"}).sizes

    assert [(choice.size.value, choice.is_chosen) for choice in choices][-1] == ("192x192", True)
    assert sum(choice.is_chosen for choice in choices) == 1


@pytest.mark.parametrize("nonsense", ["", "x", "128x", "0x0", "-1x5", "٣x٣"])
def test_a_size_that_is_none_is_no_choice(nonsense: str) -> None:
    assert all(choice.size.label != "Own" for choice in forms.typed({"size": nonsense}).sizes)


@pytest.mark.parametrize(("width", "height", "frame"), [(160, 96, (20, 12)), (96, 128, (15, 20)), (128, 128, (20, 20))])
def test_the_little_frame_has_the_shape_of_its_size(width: int, height: int, frame: tuple[int, int]) -> None:
    choice = forms.SizeChoice(Size("x", width, height), is_chosen=False)

    assert choice.frame == frame


def test_an_unknown_model_shows_the_default_ones_settings_and_is_refused() -> None:
    form = forms.typed({"model": "stratosphere", "prompt": "a fox"})

    assert form.model.slug == "starter"
    with pytest.raises(InvalidParams, match="no model “stratosphere”"):
        form.params()


def test_an_alias_is_offered_beside_the_model_that_serves_it() -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})
    form = forms.typed({"model": "midjourney"})

    assert (form.served.slug, form.model.slug) == ("midjourney", "starter")
    assert "midjourney" in {served.slug for served in form.installed}
    assert "flux-1-schnell" in {served.slug for served in form.missing}


def test_an_error_in_the_fold_opens_it() -> None:
    form = forms.typed({})

    assert not form.refused([FieldError("prompt", "Describe it.")]).is_advanced_open
    assert form.refused([FieldError("steps", "Too many.")]).is_advanced_open


def test_errors_of_width_and_height_stand_at_the_size() -> None:
    form = forms.typed({}).refused([FieldError("width", "Too wide."), FieldError("height", "Too high.")])

    assert form.errors == {"size": "Too wide."}


def test_another_model_moves_defaults_and_keeps_what_was_set_by_hand() -> None:
    typed = {"model": "flux-1-schnell", "prompt": "a fox", "size": "160x96", "steps": "25", "guidance_scale": "6"}

    form = forms.typed({**typed, "scheduler": "ddim"}).for_model(before="starter")

    assert form.values["prompt"] == "a fox"
    assert form.values["size"] == "1344x768"  # 16:9 stays 16:9
    assert form.values["steps"] == "4"  # stood at the default
    assert form.values["guidance_scale"] == "6"  # set by hand
    assert form.values["scheduler"] == "flow-euler"  # the other is not to be had there


def test_steps_beyond_the_new_models_bound_become_its_default() -> None:
    form = forms.typed({"model": "flux-1-schnell", "steps": "80"}).for_model(before="starter")

    assert form.values["steps"] == "4"


@pytest.mark.parametrize(
    ("take", "prompt", "seed", "size"),
    [("seed", "", "8", "128x128"), ("prompt", "a fox", "", "128x128"), ("all", "a fox", "8", "160x96")],
)
def test_a_picture_lends_its_seed_its_prompt_or_everything(take: str, prompt: str, seed: str, size: str) -> None:
    job = finished(make_person(), prompt="a fox", num_images=2, size="160x96", seed=7)
    image = job.images.select_related("job").get(index=1)

    form = forms.taken(forms.blank(), image, take)

    assert (form.values["prompt"], form.values["seed"], form.values["size"]) == (prompt, seed, size)
    assert form.values["num_images"] == "4"
    assert form.is_prefilled is (take != "seed")  # a seed alone leaves the draft in its place


def test_a_run_lends_everything_but_its_seed() -> None:
    job = finished(make_person(), prompt="a fox", num_images=2, seed=7)

    form = forms.taken(forms.blank(), job, "all")

    assert (form.values["prompt"], form.values["num_images"], form.values["seed"]) == ("a fox", "2", "")


def test_a_prompt_from_elsewhere_fills_the_form() -> None:
    assert forms.with_values(forms.blank(), {"prompt": "a fox"}).values["prompt"] == "a fox"
    assert not forms.with_values(forms.blank(), {"prompt": ""}).is_prefilled


def test_a_model_of_ones_own_is_taken_with_its_base_and_its_word_and_left_with_another_base() -> None:
    model = ready(make_person())
    form = forms.with_own_model(forms.blank(user=model.owner), model)

    assert (form.values["loras"], form.values["model"], form.values["prompt"]) == (
        f"{model.pk}:1",
        "starter",
        "a zwerg object",
    )
    assert [own.is_chosen for own in form.own_models] == [True]
    assert form.params().loras[0].id == str(model.pk)
    typed = forms.typed({**form.values, "model": "starter-fast"}, user=model.owner)
    other = typed.for_model(before="starter")
    assert (other.values["loras"], other.own_models, other.has_other_own_models) == ("", [], True)


def test_a_runs_settings_come_back_without_a_model_that_is_gone() -> None:
    model = ready(make_person())
    job = submit(model.owner, loras=f"{model.pk}:0.5")
    assert forms.taken(forms.blank(user=model.owner), job, "all").values["loras"] == f"{model.pk}:0.5"
    custom_models.delete(model)
    assert forms.taken(forms.blank(user=model.owner), job, "all").values["loras"] == ""


def test_the_settings_of_a_run_are_read_without_asking_what_else_could_be_chosen(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = make_person()

    with django_assert_num_queries(0):
        form = forms.fresh(forms.typed({"prompt": "a fox"}, user=user))
        assert form.params().prompt == "a fox"


def test_ones_own_models_are_fetched_once_for_all_that_becomes_of_a_form(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    model = ready(make_person())
    image = finished(model.owner, num_images=1).images.select_related("job").get()
    form = forms.blank(user=model.owner)
    assert [own.model for own in form.own_models] == [model]

    with django_assert_num_queries(0):
        for other in (forms.fresh(form), form.refused([]), forms.taken(form, image, "all")):
            assert other.usable.all == [model]
