import pytest
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from accounts.models import User
from generation import custom_models, webhooks
from generation.models import CustomModel, Job
from tests.generation.api.told import make_endpoint
from tests.generation.runs import balance, finished, make_person, submit
from tests.generation.trainees import CREDITS, fresh, make_trainee, model_of, ordered

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    return client


def test_runs_are_listed_with_filters(operator: Client) -> None:
    job = finished(make_person())

    page = operator.get(reverse("admin:generation_job_changelist"), {"status__exact": "FINISHED"})

    assert page.status_code == 200
    assert str(job.pk) in page.content.decode()


def test_a_run_shows_its_pictures_and_cannot_be_changed(operator: Client) -> None:
    job = finished(make_person(), num_images=2)
    url = reverse("admin:generation_job_change", args=[job.pk])

    operator.post(url, {"reason": "Ticket 7"})
    assert operator.get(url).content.decode().count('loading="lazy"') == 2
    operator.post(url, {"status": "NEW"})

    job.refresh_from_db()
    assert job.status == Job.Status.FINISHED


def test_canceling_from_the_list_gives_the_credits_back(operator: Client) -> None:
    user = make_person(credits=10)
    done = finished(make_person("bob@example.com"), prompt="an owl")
    waiting = submit(user, num_images=4)

    operator.post(
        reverse("admin:generation_job_changelist"),
        {"action": "cancel", "_selected_action": [waiting.pk, done.pk]},
        follow=True,
    )

    waiting.refresh_from_db()
    done.refresh_from_db()
    assert (waiting.status, done.status) == (Job.Status.CANCELED, Job.Status.FINISHED)
    assert balance(user) == 10


def test_staff_without_the_permission_cannot_cancel(client: Client) -> None:
    client.force_login(User.objects.create_user("staff@example.com", "correct horse battery", is_staff=True))
    job = submit(make_person())

    client.post(reverse("admin:generation_job_changelist"), {"action": "cancel", "_selected_action": [job.pk]})

    job.refresh_from_db()
    assert job.status == Job.Status.NEW


def test_the_queues_pickles_have_no_admin_page(operator: Client) -> None:
    assert OrmQ._meta.app_label not in operator.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("model", ["job", "image", "custommodel", "modelalias", "installedmodel"])
def test_every_list_opens(operator: Client, model: str) -> None:
    finished(make_person())

    assert operator.get(reverse(f"admin:generation_{model}_changelist")).status_code == 200


def test_webhooks_are_looked_at_without_their_secrets_and_not_changed(operator: Client) -> None:
    endpoint = make_endpoint()
    delivery = webhooks.send_test(endpoint)
    pages = [
        operator.get(reverse("admin:generation_webhookendpoint_changelist")),
        operator.get(reverse("admin:generation_webhookendpoint_change", args=[endpoint.pk])),
        operator.get(reverse("admin:generation_webhookdelivery_changelist"), {"q": endpoint.user.email}),
        operator.get(reverse("admin:generation_webhookdelivery_change", args=[delivery.pk])),
    ]

    assert [page.status_code for page in pages] == [200] * 4
    assert delivery.message_id in pages[3].content.decode()
    assert all(endpoint.secret not in page.content.decode() for page in pages)
    assert operator.post(reverse("admin:generation_webhookendpoint_delete", args=[endpoint.pk])).status_code == 403


def test_a_model_shows_its_training_and_why_it_failed(operator: Client) -> None:
    job = ordered(make_trainee())
    model = model_of(job)
    url = reverse("admin:generation_custommodel_changelist")
    assert reverse("admin:generation_job_change", args=[job.pk]) in operator.get(url).content.decode()
    assert operator.get(url, {"training": "FINISHED"}).context["cl"].result_count == 0

    custom_models.fail(model, "The disk was full.")
    text = operator.get(url, {"training": "NEW", "state": "failed"}).content.decode()
    assert "The disk was full." in text
    token = "secret-token"
    CustomModel.objects.update(share_token=token)
    page = operator.get(reverse("admin:generation_custommodel_change", args=[model.pk])).content.decode()
    assert (job.get_status_display() in page, token in page) == (True, False)


def test_a_training_is_canceled_from_the_list(operator: Client) -> None:
    job = ordered(make_trainee())
    values = {"action": "cancel_training", "_selected_action": [str(model_of(job).pk)]}
    operator.post(reverse("admin:generation_custommodel_changelist"), values)
    assert (fresh(job).status, balance(job.user)) == (Job.Status.CANCELED, CREDITS)
