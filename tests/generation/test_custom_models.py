import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow

from accounts.models import User
from billing import ledger
from generation import custom_models, lifecycle, storage, uploads, xmp
from generation.errors import CustomModelGone, CustomModelRefused
from generation.models import CustomModel, Job, Upload
from tests.factories import make_plan, make_user
from tests.generation.runs import make_person, submit
from tests.generation.trained import draft, lora_file, ready, training
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db

State = CustomModel.State


def test_a_plan_keeps_so_many_models_and_a_deleted_one_makes_room() -> None:
    user = make_person()
    make_plan("roomy-100", models_stored=1)
    first = draft(user)

    with pytest.raises(CustomModelRefused, match="keeps 1 model of your own"):
        draft(user, trigger_word="other")

    custom_models.delete(first)
    assert draft(user, trigger_word="other").is_draft


def test_a_trigger_word_is_used_once_a_person_until_its_model_is_deleted() -> None:
    user = make_person()
    first = draft(user)

    with pytest.raises(CustomModelRefused, match="another model of yours") as refused:
        draft(user)
    assert refused.value.field == "trigger_word"

    draft(make_person("eve@example.com"))
    custom_models.delete(first)
    draft(user)


def test_changing_a_draft_to_a_word_in_use_is_refused_and_changes_nothing() -> None:
    user = make_person()
    draft(user)
    other = draft(user, trigger_word="other")

    with pytest.raises(CustomModelRefused, match="another model of yours"):
        custom_models.update_draft(other, trigger_word="zwerg", name="Renamed")

    other.refresh_from_db()
    assert (other.trigger_word, other.name) == ("other", "My toy")


def test_pictures_are_there_once_in_order_and_no_more_than_thirty() -> None:
    user = make_person()
    model = draft(user)
    first, second = brought(user, seed=1), brought(user, seed=2)
    custom_models.add_picture(model, first)
    custom_models.add_picture(model, second)
    custom_models.add_picture(model, first)
    assert [each.upload for each in model.pictures.all()] == [first, second]

    for seed in range(3, 31):
        custom_models.add_picture(model, brought(user, 40, 40, seed))
    with pytest.raises(CustomModelRefused, match="at most 30 pictures"):
        custom_models.add_picture(model, brought(user, 40, 40, 31))


def test_a_model_in_training_takes_no_more_pictures_and_starts_once() -> None:
    model = training(make_person(), 1)

    with pytest.raises(CustomModelGone):
        custom_models.remove_picture(model.pictures.get())
    with pytest.raises(CustomModelGone):
        custom_models.add_picture(model, brought(model.owner, seed=99))
    with pytest.raises(CustomModelGone):
        custom_models.begin(model, Job.objects.get())
    assert model.pictures.count() == 1


def test_a_training_reports_and_ends_ready_with_its_file() -> None:
    model = training(make_person())
    custom_models.report(model, step=30, of=120, losses=[(10, 0.5), (30, 0.25)], seconds_left=61.6)
    model.refresh_from_db()
    assert (model.percent, model.seconds_left, model.loss_curve) == (25, 62, [[10, 0.5], [30, 0.25]])

    custom_models.finish(model, custom_models.keep_weights(model, lora_file(), rank=4))

    model.refresh_from_db()
    assert (model.state, model.rank, model.seconds_left) == (State.READY, 4, None)
    assert default_storage.size(model.weights) == model.size_bytes == len(b"weights")
    with pytest.raises(CustomModelGone):
        custom_models.finish(model, custom_models.keep_weights(model, lora_file(), rank=4))


def test_a_failed_training_says_why_and_can_be_started_again() -> None:
    user = make_person()
    model = training(user, 1)
    first_job = model.job
    custom_models.fail(model, "The disk was full. Your credits are back.")
    model.refresh_from_db()
    assert (model.state, model.failure_reason) == (State.FAILED, "The disk was full. Your credits are back.")

    custom_models.begin(model, submit(user))

    model.refresh_from_db()
    assert (model.state, model.failure_reason) == (State.TRAINING, "")
    assert model.job != first_job
    assert model.pictures.count() == 1


def test_a_training_that_was_canceled_is_a_draft_again() -> None:
    model = training(make_person(), 1)
    for _ in range(2):
        CustomModel.objects.filter(pk=model.pk).reopen()
    model.refresh_from_db()
    assert model.is_draft
    assert model.pictures.count() == 1


def test_deleting_removes_weights_pictures_and_samples() -> None:
    user = make_person()
    model = draft(user, 2)
    custom_models.begin(model, submit(user))
    custom_models.add_sample(model, Pillow.new("RGB", (64, 64)), quarter=1, position=0, prompt="a zwerg")
    custom_models.finish(model, custom_models.keep_weights(model, lora_file(), rank=4))
    model.refresh_from_db()
    keys = [key for each in model.pictures.all() for key in each.upload.files]
    keys += [*model.samples.get().files, model.weights]
    assert all(xmp.MADE_BY_A_MODEL in xmp.read(storage.read(key)) for key in model.samples.get().files)
    assert all(default_storage.exists(key) for key in keys)

    custom_models.delete(model)

    assert not [key for key in keys if default_storage.exists(key)]
    assert not Upload.objects.exists()
    model.refresh_from_db()
    assert (model.state, model.weights) == (State.DELETED, "")
    assert model not in CustomModel.objects.visible_to(user)


def test_a_picture_that_another_model_learns_from_outlives_the_first() -> None:
    user = make_person()
    first, second = draft(user), draft(user, trigger_word="other")
    upload = brought(user)
    for model in (first, second):
        custom_models.add_picture(model, upload)

    custom_models.delete(first)
    uploads.delete(upload)
    assert uploads.purge() == 0
    assert default_storage.exists(upload.file)

    custom_models.delete(second)
    assert not default_storage.exists(upload.file)


def test_deleting_a_model_in_training_cancels_it_and_gives_its_credits_back() -> None:
    user = make_person(credits=100)
    model = training(user)
    assert ledger.wallet_of(user).balance < 100

    custom_models.delete(model)

    assert Job.objects.get().status == Job.Status.CANCELED
    assert ledger.wallet_of(user).balance == 100
    with pytest.raises(CustomModelGone):
        custom_models.finish(model, custom_models.keep_weights(model, lora_file(), rank=4))


def test_a_sample_of_a_second_attempt_changes_nothing() -> None:
    model = training(make_person())
    for colour in ("red", "blue"):
        picture = Pillow.new("RGB", (64, 64), colour)
        custom_models.add_sample(model, picture, quarter=2, position=0, prompt="a zwerg")
    with default_storage.open(model.samples.get().file) as file:
        assert Pillow.open(file).getpixel((0, 0)) == (255, 0, 0)


@pytest.fixture
def guest(db: None) -> User:
    return make_user(email="guest@example.com")


def test_a_shared_model_is_usable_by_who_followed_the_link_while_it_holds(guest: User) -> None:
    model = ready(make_person())
    usable = CustomModel.objects.usable_by
    token = custom_models.share(model)
    assert custom_models.share(model) == token
    assert custom_models.shared_by(token) == model
    assert model not in usable(guest)

    custom_models.accept(model, guest, token)
    assert model in usable(guest)
    assert model not in CustomModel.objects.visible_to(guest)

    custom_models.unshare(model)
    assert custom_models.shared_by(token) is None
    assert model not in usable(guest)
    assert model in usable(model.owner)

    assert custom_models.share(model) != token
    assert model not in usable(guest)


def test_while_its_owner_is_suspended_nobody_draws_with_a_shared_model(guest: User) -> None:
    model = ready(make_person())
    custom_models.accept(model, guest, custom_models.share(model))

    User.objects.filter(pk=model.owner_id).update(is_active=False)
    assert model not in CustomModel.objects.usable_by(guest)

    User.objects.filter(pk=model.owner_id).update(is_active=True)
    assert model in CustomModel.objects.usable_by(guest)


def test_a_draft_is_neither_usable_nor_shared() -> None:
    model = draft(make_person())
    assert model not in CustomModel.objects.usable_by(model.owner)
    with pytest.raises(CustomModelGone):
        custom_models.share(model)


def test_a_model_in_training_can_be_renamed() -> None:
    model = training(make_person())
    custom_models.rename(model, "Another name")
    model.refresh_from_db()
    assert model.name == "Another name"


def test_what_an_earlier_training_still_says_changes_nothing() -> None:
    user = make_person()
    old = training(user, 1)
    assert old.job is not None
    lifecycle.cancel(old.job)
    CustomModel.objects.filter(pk=old.pk).reopen()
    custom_models.begin(CustomModel.objects.get(pk=old.pk), submit(user))

    custom_models.report(old, step=99, of=100, losses=[(99, 0.1)])
    custom_models.add_sample(old, Pillow.new("RGB", (8, 8)), quarter=1, position=0, prompt="a zwerg")
    with pytest.raises(CustomModelGone):
        custom_models.train_on(old, "0" * 64)
    with pytest.raises(CustomModelGone):
        custom_models.finish(old, custom_models.keep_weights(old, lora_file(), rank=4))

    model = CustomModel.objects.get(pk=old.pk)
    assert (model.state, model.steps_done, model.samples.count(), model.base_sha256) == (State.TRAINING, 0, 0, "")
