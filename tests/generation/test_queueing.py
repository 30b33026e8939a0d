"""What a run writes besides the ledger's rows."""

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import OrmQ

from billing import ledger_rows
from billing.models import LedgerEntry
from generation import edit_forms, lifecycle, params, pricing, queueing, uploads
from generation.errors import QueueFull, SourceGone
from generation.models import Image, Job
from generation.orders import Order
from generation.params import parse_text_to_image
from tests.generation.runs import balance, finished, make_person, submit
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db


def test_waiting_runs_are_counted_to_the_bound_and_no_further(settings: LazySettings) -> None:
    person = make_person()
    jobs = [submit(person, prompt=f"fox {number}") for number in range(3)]
    params = parse_text_to_image({"prompt": "a fox"})
    order = Order(person, params, pricing.quote(params), "starter", "once")

    (counted,) = ledger_rows.together([queueing.count_waiting(order)])
    assert counted[0][0] == len(jobs) == Job.objects.count()
    settings.JOBS_WAITING_MAX = 2
    (counted,) = ledger_rows.together([queueing.count_waiting(order)])
    assert counted[0][0] == 2
    with pytest.raises(QueueFull):
        queueing.written(order, order.new_job(), counted)


def test_the_row_that_is_written_is_the_run_that_was_made() -> None:
    person = make_person()
    job = submit(person, prompt="a “red” fox; 100 %", seed=7)

    stored = Job.objects.get()
    for field in Job._meta.concrete_fields:
        assert getattr(stored, field.attname) == getattr(job, field.attname), field.name
    assert (job._state.adding, job._state.db) == (False, "default")
    assert OrmQ.objects.get().task["func"] == "generation.tasks.wake"


@pytest.mark.parametrize("kind", ["upload", "image"])
def test_a_picture_deleted_between_the_look_and_the_placing_costs_nothing_and_leaves_no_run(kind: str) -> None:
    person = make_person()
    upload = brought(person)
    image = finished(person).images.get()
    reference = upload.reference if kind == "upload" else f"image:{image.pk}"
    read = params.parse("upscale", {"image": reference}, person)
    before = balance(person), Job.objects.count(), LedgerEntry.objects.count(), OrmQ.objects.count()

    if kind == "upload":
        uploads.delete(upload)
    else:
        Image.objects.filter(pk=image.pk).update(deleted_at=timezone.now())
    with pytest.raises(SourceGone) as caught:
        lifecycle.submit(person, read, key="once")

    assert (balance(person), Job.objects.count(), LedgerEntry.objects.count(), OrmQ.objects.count()) == before
    [refused] = edit_forms.refusals(caught.value)["errors"]
    assert refused["message"] == "A picture that this begins from was deleted meanwhile. Choose another."
