import base64
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from generation import lifecycle, webhooks
from generation.errors import EndpointOff, InvalidParams, TooManyEndpoints
from generation.models import Event, WebhookDelivery, WebhookEndpoint
from tests.factories import make_user
from tests.generation.api.calling import make_program
from tests.generation.api.told import finished, make_endpoint, ordered
from tests.generation.runs import claim, make_person
from tests.generation.runs import finished as finished_on_the_site

pytestmark = pytest.mark.django_db

Off = WebhookEndpoint.Off


def told(endpoint: WebhookEndpoint) -> list[str]:
    """Return the events that the endpoint is to be told, in order."""
    return list(WebhookDelivery.objects.filter(endpoint=endpoint).order_by("id").values_list("event", flat=True))


# --- Endpoints ------------------------------------------------------------------------------------------------


def test_a_new_endpoint_hears_everything_and_has_a_secret_of_its_own() -> None:
    user = make_user()
    first, second = make_endpoint(user), make_endpoint(user)

    assert first.is_enabled
    assert first.events == ["diffusion.finished", "diffusion.failed", "diffusion.canceled"]
    assert first.secret.startswith("whsec_")
    assert len(base64.b64decode(first.secret.removeprefix("whsec_"))) == 32
    assert first.secret != second.secret


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"events": []}, "events"),
        ({"events": ["diffusion.finished", "diffusion.eaten"]}, "events"),
        ({"events": ["webhook.test"]}, "events"),
        ({"description": "x" * 101}, "description"),
        ({"description": "Shop\x00"}, "description"),
    ],
)
def test_what_cannot_be_is_refused_by_name(facts: dict[str, object], field: str) -> None:
    user = make_user()

    with pytest.raises(InvalidParams) as caught:
        make_endpoint(user, **facts)  # type: ignore[arg-type]

    assert [error.field for error in caught.value.errors] == [field]
    assert not WebhookEndpoint.objects.exists()


def test_an_account_has_ten_endpoints_at_most() -> None:
    user = make_user()
    for _ in range(10):
        make_endpoint(user)

    with pytest.raises(TooManyEndpoints, match="10"):
        make_endpoint(user)

    assert make_endpoint(make_user()).is_enabled


def test_a_change_keeps_what_it_does_not_name() -> None:
    endpoint = make_endpoint(description="Shop")

    webhooks.change(endpoint, events=["diffusion.failed", "diffusion.finished"])

    assert endpoint.events == ["diffusion.finished", "diffusion.failed"]
    assert (endpoint.url, endpoint.description) == ("https://hooks.example.com/in", "Shop")


def test_a_refused_change_changes_nothing() -> None:
    endpoint = make_endpoint()

    with pytest.raises(InvalidParams):
        webhooks.change(endpoint, url="http://10.0.0.1/", description="Shop")

    endpoint.refresh_from_db()
    assert endpoint.description == ""


def test_a_rotation_lets_both_secrets_sign_for_a_day() -> None:
    endpoint = make_endpoint()
    old = endpoint.secret

    new = webhooks.rotate(endpoint)

    now = timezone.now()
    assert new != old
    assert endpoint.secrets_at(now) == [new, old]
    assert endpoint.secrets_at(now + timedelta(hours=25)) == [new]


def test_a_second_rotation_ends_the_oldest() -> None:
    endpoint = make_endpoint()
    first = endpoint.secret
    second = webhooks.rotate(endpoint)

    third = webhooks.rotate(endpoint, overlap=timedelta(hours=1))

    assert first not in endpoint.secrets_at(timezone.now())
    assert endpoint.secrets_at(timezone.now()) == [third, second]


# --- What is told ---------------------------------------------------------------------------------------------


def test_the_end_of_a_run_is_told_to_every_endpoint_that_wants_it() -> None:
    program = make_program()
    both, other = make_endpoint(program.user), make_endpoint(program.user, events=["diffusion.failed"])
    stranger = make_endpoint()
    OrmQ.objects.all().delete()

    job = finished(program)

    [delivery] = WebhookDelivery.objects.all()
    assert (delivery.endpoint, delivery.event, delivery.job) == (both, Event.FINISHED, job)
    assert told(other) == told(stranger) == []
    assert OrmQ.objects.filter(key="default").count() == 1


def test_a_failure_and_a_cancel_are_told() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    ordered(program)
    job = claim().jobs[0]
    lifecycle.fail(job, 1, code="crashed", message="The drawing stopped.")

    assert lifecycle.cancel(ordered(program))

    assert told(endpoint) == ["diffusion.failed", "diffusion.canceled"]


def test_a_run_that_goes_back_to_the_queue_is_not_told() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    ordered(program)
    job = claim().jobs[0]

    lifecycle.retry(job, 1, code="crashed", message="The drawing stopped.")

    assert told(endpoint) == []


def test_runs_with_a_test_key_are_told() -> None:
    program = make_program(is_test=True)
    endpoint = make_endpoint(program.user)

    finished(program)

    assert told(endpoint) == ["diffusion.finished"]


def test_runs_of_the_site_are_not_told() -> None:
    user = make_person()
    endpoint = make_endpoint(user)

    finished_on_the_site(user)

    assert told(endpoint) == []


def test_what_is_told_belongs_to_the_transaction_that_ends_the_run() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    job = ordered(program)
    OrmQ.objects.all().delete()

    with transaction.atomic():
        lifecycle.cancel(job)
        transaction.set_rollback(True)

    assert told(endpoint) == []
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("why", [Off.FAILING, Off.GONE])
def test_what_an_endpoint_missed_can_be_sent_again_once_it_works(why: WebhookEndpoint.Off) -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    webhooks.switch_off(endpoint, why)
    endpoint.refresh_from_db()
    finished(program)

    delivery = WebhookDelivery.objects.get()
    assert (delivery.status, delivery.tries, delivery.event) == ("failed", 0, "diffusion.finished")
    webhooks.change(endpoint, is_enabled=True)
    assert list(WebhookDelivery.objects.due(timezone.now())) == []
    assert webhooks.resend(WebhookDelivery.objects.get())
    assert list(WebhookDelivery.objects.due(timezone.now())) == [delivery]


def test_an_endpoint_that_its_owner_switched_off_misses_what_happens() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    webhooks.change(endpoint, is_enabled=False)
    finished(program)

    webhooks.change(endpoint, is_enabled=True)

    assert endpoint.is_enabled
    assert told(endpoint) == []


def test_switching_off_gives_up_what_waits() -> None:
    program = make_program()
    endpoint = make_endpoint(program.user)
    finished(program)

    assert webhooks.switch_off(endpoint, Off.FAILING)
    assert not webhooks.switch_off(endpoint, Off.OWNER)

    delivery = WebhookDelivery.objects.get()
    endpoint.refresh_from_db()
    assert (delivery.status, endpoint.off) == ("failed", Off.FAILING)
    assert delivery.ended_at is not None


# --- Tests, again, log ------------------------------------------------------------------------------------------


def test_a_test_is_sent_whatever_the_filter() -> None:
    endpoint = make_endpoint(events=["diffusion.failed"])

    delivery = webhooks.send_test(endpoint)

    assert (delivery.event, delivery.job, delivery.status) == (Event.TEST, None, "waiting")


def test_a_message_is_sent_again_under_its_own_id() -> None:
    delivery = webhooks.send_test(make_endpoint())
    WebhookDelivery.objects.update(status="failed", ended_at=timezone.now(), tries=11)

    assert webhooks.resend(delivery)

    again = WebhookDelivery.objects.get()
    assert (again.message_id, again.status, again.tries, again.ended_at) == (delivery.message_id, "waiting", 0, None)


def test_a_message_that_is_on_its_way_is_not_sent_again() -> None:
    delivery = webhooks.send_test(make_endpoint())
    WebhookDelivery.objects.update(claimed_by="somebody")

    assert not webhooks.resend(delivery)


def test_nothing_is_sent_to_an_endpoint_that_is_off() -> None:
    endpoint = make_endpoint()
    delivery = webhooks.send_test(endpoint)
    webhooks.change(endpoint, is_enabled=False)
    delivery.refresh_from_db()

    with pytest.raises(EndpointOff):
        webhooks.send_test(endpoint)
    with pytest.raises(EndpointOff):
        webhooks.resend(delivery)


def test_the_log_begins_with_the_newest_and_goes_on_where_it_ended() -> None:
    endpoint = make_endpoint()
    first, second = webhooks.send_test(endpoint), webhooks.send_test(endpoint)
    webhooks.send_test(make_endpoint())

    newest = webhooks.log_of(endpoint)
    assert list(newest) == [second, first]
    assert list(webhooks.log_of(endpoint, before=second.pk)) == [first]
    assert (newest[0].attempts_made, newest[0].last_status_code) == (0, None)


def test_old_messages_are_forgotten_once_they_have_ended() -> None:
    endpoint = make_endpoint()
    old, waiting, young = (webhooks.send_test(endpoint) for _ in range(3))
    long_ago = timezone.now() - timedelta(days=31)
    WebhookDelivery.objects.filter(pk__in=[old.pk, waiting.pk]).update(created_at=long_ago)
    WebhookDelivery.objects.exclude(pk=waiting.pk).update(status="delivered", ended_at=timezone.now())

    assert webhooks.forget_old() == 1

    assert set(WebhookDelivery.objects.all()) == {waiting, young}
