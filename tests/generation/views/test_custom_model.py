import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generation import custom_models, progress
from generation.models import CustomModel, Job, QueueSwitch
from tests.factories import make_user
from tests.generation.runs import claim, make_person
from tests.generation.trained import draft, ready, training

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return make_person()


@pytest.fixture
def owner(user: User, client: Client) -> Client:
    client.force_login(user)
    return client


def page(client: Client, model: CustomModel, **headers: str) -> tuple[int, str]:
    response = client.get(reverse("generation:model", args=[model.pk]), headers=headers)
    return response.status_code, response.content.decode()


def test_a_draft_shows_its_form_its_pictures_and_the_price(owner: Client, user: User) -> None:
    model = draft(user, 2)
    status, text = page(owner, model)
    assert status == 200
    assert "Train · 2,000 credits" in text
    assert "Held at the start, charged at success. All of it comes back on failure or cancel." in text
    assert "2 · 5 to 30 are needed" in text
    assert text.count("teach-tile") >= 2
    assert "1,900 more needed" in text


def test_a_training_shows_how_far_it_is_and_asks_again(owner: Client, user: User) -> None:
    model = training(user)
    assert "Waiting in line" in page(owner, model)[1]
    now = timezone.now()
    Job.objects.update(status=Job.Status.PROCESSING, started_at=now, lease_expires_at=now)
    custom_models.report(model, step=50, of=200, losses=[(10, 0.5), (50, 0.3)], seconds_left=400)
    status, text = page(owner, model)
    assert status == 200
    assert "50 of 200 steps" in text
    assert "about 7 min left" in text
    assert "Loss from 0.500" in text
    assert 'hx-trigger="every 2s"' in text


def test_a_poll_answers_304_until_something_changes_and_loads_the_page_anew_at_the_end(
    owner: Client, user: User
) -> None:
    model = training(user)
    url = reverse("generation:model", args=[model.pk])
    first = owner.get(url, headers={"HX-Request": "true"})
    assert first.status_code == 200
    tag = {"HX-Request": "true", "If-None-Match": first["ETag"]}
    assert owner.get(url, headers=tag).status_code == 304
    custom_models.report(model, step=1, of=2, losses=[])
    assert owner.get(url, headers=tag).status_code == 200
    custom_models.fail(model, "The disk was full. Your credits are back.")
    assert owner.get(url, headers=tag)["HX-Refresh"] == "true"
    _, text = page(owner, model)
    assert "The disk was full. Your credits are back." in text
    assert "Train · 2,000 credits" in text


def test_the_pictures_that_come_before_the_first_step_are_counted(owner: Client, user: User) -> None:
    model = training(user)
    assert claim().jobs[0] == model.job
    url, told = reverse("generation:model", args=[model.pk]), "12 of 48 ordinary pictures drawn"
    begun = owner.get(url, headers={"HX-Request": "true"})
    tag = {"HX-Request": "true", "If-None-Match": begun["ETag"]}
    assert owner.get(url, headers=tag).status_code == 304
    progress.prepared(model.job.pk, 12, 48)

    assert told in owner.get(url, headers=tag).content.decode()
    assert "Getting ready" in owner.get(reverse("generation:models")).content.decode()
    custom_models.report(model, step=1, of=2, losses=[])
    text = page(owner, model)[1]
    assert (told in text, "1 of 2 steps" in text) == (False, True)


def test_a_ready_model_offers_use_download_and_deletion(owner: Client, user: User) -> None:
    model = ready(user)
    status, text = page(owner, model)
    assert status == 200
    assert f"{reverse('generation:create')}?own={model.pk}" in text
    assert reverse("generation:model_download", args=[model.pk]) in text
    assert "Delete for good" in text
    assert model.sha256 in text


def test_a_stranger_gets_a_404_and_nobody_the_login_page(user: User, client: Client) -> None:
    model = ready(user)
    assert client.get(reverse("generation:model", args=[model.pk])).status_code == 302
    client.force_login(make_user())
    assert page(client, model)[0] == 404


def test_a_deleted_model_is_gone(owner: Client, user: User) -> None:
    model = ready(user)
    custom_models.delete(model)
    assert page(owner, model)[0] == 404


def test_a_pause_is_said_while_a_training_waits_and_before_one_is_started(owner: Client, user: User) -> None:
    QueueSwitch.objects.create(queue="training", is_paused=True)
    waiting, unbegun = training(user), draft(user, trigger_word="other")
    _, text = page(owner, waiting)
    assert "Trainings are paused by the operator. Yours begins by itself" in text
    assert "Waiting in line" not in text
    assert "paused by the operator: yours would wait" in page(owner, unbegun)[1]
    assert "Paused by the operator" in owner.get(reverse("generation:models")).content.decode()


def test_a_training_that_waits_for_the_disk_says_so_and_no_time_left(owner: Client, user: User) -> None:
    model = training(user)
    CustomModel.objects.update(seconds_left=300)
    Job.objects.update(attempt=1, disk_full_since=timezone.now())
    _, text = page(owner, model)
    assert "The server's disk is full" in text
    assert "min left" not in text
    assert "Waiting for room on the disk" in owner.get(reverse("generation:models")).content.decode()


def test_the_end_of_a_pause_is_seen_by_whoever_looks_on(owner: Client, user: User) -> None:
    url = reverse("generation:model", args=[training(user).pk])
    QueueSwitch.objects.create(queue="training", is_paused=True)
    paused = owner.get(url, headers={"HX-Request": "true"})
    QueueSwitch.objects.update(is_paused=False)
    now = owner.get(url, headers={"HX-Request": "true", "If-None-Match": paused["ETag"]})
    assert "Waiting in line" in now.content.decode()


def test_a_model_whose_base_is_offered_no_more_says_so_and_draws_nothing_else(owner: Client, user: User) -> None:
    model = ready(user, name="Teapot")
    token = custom_models.share(model)
    urls = [reverse("generation:model", args=[model.pk]), reverse("generation:shared_model", args=[token])]
    usual = [owner.get(url).content.decode() for url in urls]
    CustomModel.objects.update(base_model="withdrawn-model")

    texts = [owner.get(url).content.decode() for url in urls]

    assert ["Use it" in text for text in (*usual, *texts)] == [True, True, False, False]
    assert ["withdrawn-model is not offered here now" in text for text in texts] == [True, True]
    assert "withdrawn-model is not offered now" in owner.get(reverse("generation:models")).content.decode()
    form = owner.get(f"{reverse('generation:create')}?own={model.pk}").content.decode()
    assert "“Teapot” was made for withdrawn-model, which is not offered here now" in form


def test_a_base_that_was_replaced_since_is_told_wherever_the_model_is_chosen(owner: Client, user: User) -> None:
    model = ready(user)
    token = custom_models.share(model)
    pages = [
        reverse("generation:model", args=[model.pk]),
        reverse("generation:shared_model", args=[token]),
        reverse("generation:create"),
        reverse("generation:video"),
        reverse("generation:editor"),
    ]
    told = ("Starter has changed since this was made", "Made for an earlier version of Starter")
    assert not [url for url in pages if any(words in owner.get(url).content.decode() for words in told)]

    CustomModel.objects.update(base_sha256="0" * 64)
    texts = [owner.get(url).content.decode() for url in pages]
    assert [next((words for words in told if words in text), "") for text in texts] == [
        told[0],
        told[0],
        told[1],
        told[1],
        told[1],
    ]
