"""A training is ordered once, paid for before it begins, and refused with nothing charged."""

from dataclasses import replace

import pytest
from django.conf import LazySettings
from django_q.models import OrmQ

from billing.errors import InsufficientCredits
from generation import catalog, custom_models, lifecycle, preflight, pricing, trainings
from generation.errors import CustomModelGone, CustomModelRefused, ModelUnavailable, ModelUnknown, QueueFull
from generation.models import CustomModel, Job, QueueSwitch
from generation.task_names import TRAINING
from tests.generation.runs import balance, hold_of
from tests.generation.trained import draft
from tests.generation.trainees import CREDITS, fit, fresh, make_trainee, model_of, ordered

pytestmark = pytest.mark.django_db

State = CustomModel.State


def test_the_price_is_set_aside_and_the_model_is_in_training() -> None:
    user = make_trainee()
    job = ordered(user)
    assert (job.task, job.credits) == (TRAINING, pricing.TRAINING_CREDITS)
    assert balance(user) == CREDITS - 2000
    assert model_of(job).state == State.TRAINING
    assert OrmQ.objects.get().key == "training"


def test_the_same_press_is_the_same_training() -> None:
    user = make_trainee()
    model = fit(user)
    first = trainings.start(model, user, "press")
    assert trainings.start(model, user, "press") == first
    assert balance(user) == CREDITS - 2000


def test_another_press_for_a_model_in_training_costs_nothing() -> None:
    user = make_trainee()
    model = fit(user)
    trainings.start(model, user, "press")
    with pytest.raises(CustomModelGone):
        trainings.start(model, user, "again")
    assert balance(user) == CREDITS - 2000
    assert Job.objects.count() == 1


def test_without_credits_the_model_stays_a_draft() -> None:
    user = make_trainee(credits=1999)
    model = fit(user)
    with pytest.raises(InsufficientCredits):
        trainings.start(model, user, "press")
    model.refresh_from_db()
    assert (model.state, balance(user)) == (State.DRAFT, 1999)


@pytest.mark.parametrize(
    ("base", "error"),
    [
        ("stable-diffusion-1-5", ModelUnavailable),
        ("no-such-model", ModelUnknown),
        ("starter-fast", CustomModelRefused),
    ],
)
def test_a_base_that_cannot_be_trained_costs_nothing(base: str, error: type[Exception]) -> None:
    user = make_trainee()
    with pytest.raises(error):
        ordered(user, base_model=base)
    assert balance(user) == CREDITS


def test_a_draft_that_is_not_fit_costs_nothing() -> None:
    user = make_trainee()
    model = draft(user, 4)
    with pytest.raises(CustomModelRefused, match="there are 4") as refused:
        trainings.start(model, user, "press")
    model.refresh_from_db()
    assert (refused.value.field, model.state, balance(user)) == ("pictures", State.DRAFT, CREDITS)


def test_without_consent_nobody_is_learned() -> None:
    user = make_trainee()
    with pytest.raises(CustomModelRefused, match="need their consent"):
        ordered(user, subject_class="person")
    assert balance(user) == CREDITS


def test_so_many_trainings_of_a_person_can_wait(settings: LazySettings) -> None:
    settings.TRAININGS_WAITING_MAX = 1
    user = make_trainee()
    ordered(user)
    with pytest.raises(QueueFull):
        ordered(user, trigger_word="zwerg2")
    assert balance(user) == CREDITS - 2000


def test_a_canceled_training_gives_everything_back_and_can_be_ordered_again() -> None:
    user = make_trainee()
    model = fit(user)
    job = trainings.start(model, user, "press")
    assert lifecycle.cancel(job)
    model.refresh_from_db()
    assert (model.state, balance(user), hold_of(fresh(job)).released) == (State.DRAFT, CREDITS, 2000)
    again = trainings.start(model, user, "again")
    assert model_of(again).state == State.TRAINING


def test_a_page_from_before_a_canceled_training_starts_nothing() -> None:
    user = make_trainee()
    model = fit(user)
    for page in ("old page", "new page"):
        lifecycle.cancel(trainings.start(model, user, page))
    with pytest.raises(CustomModelRefused, match="Reload it"):
        trainings.start(model, user, "old page")
    model.refresh_from_db()
    assert (model.state, balance(user)) == (State.DRAFT, CREDITS)


def test_deleting_a_model_cancels_its_training() -> None:
    user = make_trainee()
    job = ordered(user)
    custom_models.delete(model_of(job))
    assert (fresh(job).status, balance(user)) == (Job.Status.CANCELED, CREDITS)


def test_what_can_be_trained() -> None:
    starter = catalog.MODELS["starter"]
    assert trainings.is_trainable(starter)
    assert not trainings.is_trainable(catalog.MODELS["starter-fast"])
    # Few steps and no guidance: training would take from it what makes it quick.
    assert not preflight.is_trainable(catalog.MODELS["sdxl-turbo"])
    assert preflight.is_trainable(catalog.MODELS["stable-diffusion-xl"])
    assert not trainings.is_trainable(replace(starter, family="flux", text_encoder=""))


def test_an_operator_pauses_trainings() -> None:
    assert not trainings.is_paused()
    QueueSwitch.objects.create(queue=QueueSwitch.Queue.TRAINING, is_paused=True)
    assert trainings.is_paused()


@pytest.mark.parametrize("place", ["name", "pictures"])
def test_words_that_the_policy_does_not_allow_are_refused_before_anything_is_charged(place: str) -> None:
    user = make_trainee()
    model = fit(user)
    if place == "name":
        custom_models.update_draft(model, name="naked neighbours")
    else:
        custom_models.caption(model.pictures.all()[0], "a nude woman")
    with pytest.raises(CustomModelRefused) as refused:
        trainings.start(model, user, "press")
    assert refused.value.field == place
    assert balance(user) == CREDITS
