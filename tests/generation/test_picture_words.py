import pytest

from accounts.models import User
from generation import catalog, lifecycle, word_lists
from generation.catalog import MODELS
from generation.errors import InvalidParams
from generation.models import Job
from generation.params import SEED_MAX
from generation.picture_words import seed_at, words_for
from tests.generation.runs import balance, claim, make_person, pictures, submit

pytestmark = pytest.mark.django_db
STARTER, SD = MODELS["starter"], MODELS["stable-diffusion-1-5"]


@pytest.fixture
def person() -> User:
    return make_person()


def words(
    person: User, prompt: str, negative_prompt: str = "", *, seed: int = 7, num_images: int = 4
) -> list[list[str]]:
    settings = {"prompt": prompt, "negative_prompt": negative_prompt, "seed": seed, "num_images": num_images}
    return words_for(person, settings, STARTER)


def refusal(person: User, prompt: str, **settings: object) -> dict[str, str]:
    with pytest.raises(InvalidParams) as caught:
        words_for(person, {"prompt": prompt, "seed": 0, "num_images": 1, **settings}, SD)
    return {error.field: error.message for error in caught.value.errors}


def test_a_plain_prompt_has_no_words_of_its_own(person: User) -> None:
    assert words(person, "a red fox") == []


def test_each_picture_has_its_own_and_its_seed_alone_gives_it(person: User) -> None:
    together = words(person, "a {red|green|blue} fox, {a|b|c}", "{dark|pale|plain}", num_images=10)

    alone = [
        words(person, "a {red|green|blue} fox, {a|b|c}", "{dark|pale|plain}", seed=7 + n, num_images=1)[0]
        for n in range(10)
    ]
    assert together == alone
    assert len({tuple(each) for each in together}) > 3


def test_seeds_begin_anew_after_the_last() -> None:
    assert [seed_at(SEED_MAX, index) for index in (0, 1)] == [SEED_MAX, 0]


def test_own_lists_are_used_beside_those_for_everybody(person: User) -> None:
    word_lists.save(person, "hats", "a bowler\na {wide|narrow} __colour__ beret")

    found = {prompt for prompt, _ in words(person, "a cat in __hats__", num_images=10)}

    assert all("bowler" in prompt or "beret" in prompt for prompt in found)
    assert len(found) > 1


def test_anothers_list_is_none(person: User) -> None:
    word_lists.save(make_person("bob@example.com"), "hats", "a bowler")

    assert "There is no list __hats__" in refusal(person, "a cat in __hats__")["prompt"]


def test_each_field_says_what_is_wrong_with_it(person: User) -> None:
    found = refusal(person, "a {fox", negative_prompt="(dark:3)")

    assert "not closed" in found["prompt"]
    assert found["negative_prompt"].startswith("The weight 3 is outside the bounds: weights go from 0 to 2.")


def test_where_a_model_takes_no_weights_a_time_in_brackets_is_text(person: User) -> None:
    assert words(person, "a clock (at 12:30)") == []
    assert "The weight 30" in refusal(person, "a clock (at 12:30)")["prompt"]


def test_a_picture_without_words_is_refused(person: User) -> None:
    assert "would have no words" in refusal(person, "{}")["prompt"]


def test_words_that_only_some_seeds_leave_are_refused_for_every_seed(person: User) -> None:
    for seed in range(20):
        assert "would have no words" in refusal(person, "{a fox|}", seed=seed)["prompt"]
    assert words(person, "{a {big|} fox|a cat}", seed=0)


def test_a_refused_template_charges_nothing_and_makes_no_run(person: User) -> None:
    with pytest.raises(InvalidParams):
        submit(person, prompt="a {fox")

    assert balance(person) == 100
    assert not Job.objects.exists()


def test_the_run_keeps_the_words_and_every_picture_its_own(person: User) -> None:
    job = submit(person, prompt="a {red|green|blue} fox", negative_prompt="{dark|pale}", num_images=4, seed=11)

    assert job.prompt == "a {red|green|blue} fox"
    assert [job.words_of(index) for index in range(4)] == job.words
    settings = {**job.params, "num_images": 1}
    assert job.words == [words_for(person, {**settings, "seed": 11 + n}, STARTER)[0] for n in range(4)]


def test_a_list_changed_later_changes_no_picture_that_was_ordered(person: User) -> None:
    hats = word_lists.save(person, "hats", "a bowler")
    job = submit(person, prompt="__hats__", num_images=1)
    word_lists.save(person, "hats", "a beret", changed=hats)

    assert Job.objects.get(pk=job.pk).words_of(0) == ["a bowler", ""]


def test_a_pictures_recipe_makes_it_alone(person: User) -> None:
    job = submit(person, prompt=r"a {red|green} fox \{x\}", num_images=2, seed=3)
    claimed = claim().jobs[0]
    lifecycle.finish(claimed, claimed.attempt, pictures(claimed, 0, 1))

    image = job.images.get(index=1)
    assert image.prompt in {"a red fox {x}", "a green fox {x}"}
    again = words_for(person, image.recipe, catalog.MODELS["starter"])
    assert again == [[image.prompt, ""]]
    assert image.recipe["seed"] == 4
