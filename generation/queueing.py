"""What placing a run reads and writes besides moving credits: how many wait, the run's row, the ring, its inputs.

The first three as statements, so that `lifecycle.place` has them in the ledger's own two messages: three round trips
and two built queries fewer, and whoever waits for the same wallet waits for less.
"""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.utils import timezone

from billing import ledger_rows
from billing.ledger_rows import Row, Statement
from billing.models import Product
from generation import doorbell, spend_caps
from generation.errors import FieldError, InvalidParams, LoraGone, QueueFull, SourceGone
from generation.models import CustomModel, Image, Job, JobInput, JobLora, Upload
from generation.orders import Order

# No further than the bound.
_WAITING = """
    SELECT count(*) FROM
    (SELECT 1 FROM generation_job
    WHERE user_id = %s AND product = %s AND status = 'NEW' AND (task = 'dreambooth') = %s LIMIT %s) AS waiting
"""


def count_waiting(order: Order) -> Statement:
    """Count the person's waiting runs; behind a lock, so that two at once cannot both be the last that fits."""
    return Statement(_WAITING, [order.user.pk, str(order.product), order.is_training, _waiting_max(order)])


def written(order: Order, job: Job, counted: list[Row]) -> Sequence[Statement]:
    """Return what a new run writes, after `count_waiting` was read. Raises: QueueFull, SpendCapReached."""
    waiting, limit = counted[0][0], _waiting_max(order)
    if waiting >= limit:
        raise QueueFull(waiting, limit)
    if order.api_key:
        spend_caps.refuse_over_cap(order.api_key, job.credits)
    row = ledger_rows.add(job)
    job._state.adding, job._state.db = False, connection.alias
    return [row, *doorbell.ringing(doorbell.TRAINING_CLUSTER if order.is_training else doorbell.CLUSTER)]


def keep_inputs(order: Order, job: Job) -> None:
    """Write down what the run begins from.

    Raises: SourceGone when a picture went since it was looked up, InvalidParams when a model of one's own did.
    """
    _hold_loras(order)
    if order.params.loras:
        ids = dict.fromkeys(uuid.UUID(used.id) for used in order.params.loras)
        JobLora.objects.bulk_create(JobLora(job=job, model_id=pk, user=order.user) for pk in ids)
    inputs = order.new_inputs(job)
    if not inputs:
        return
    uploads = {one.upload_id for one in inputs if one.upload_id}
    images = {one.image_id for one in inputs if one.image_id}
    # Touched, so that the sweep leaves them for as long as if they had come today.
    touched = Upload.objects.visible_to(order.user).filter(pk__in=uploads).update(used_at=timezone.now())
    there = Image.objects.visible_to(order.user).filter(pk__in=images).count() if images else 0
    if touched < len(uploads) or there < len(images):
        raise SourceGone
    JobInput.objects.bulk_create(inputs)


def _hold_loras(order: Order) -> None:
    """Refuse a run whose models of people's own went since they were looked up. Raises: InvalidParams.

    Their rows cannot be deleted until the run is there: what an erasure takes a model's name from it finds, or it never
    comes to be. Called before the inputs are touched, as a deletion takes its locks.
    """
    wanted = {uuid.UUID(lora.id) for lora in order.params.loras}
    if not wanted:
        return
    lock = " FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    ready = CustomModel.objects.filter(pk__in=wanted, state=CustomModel.State.READY).order_by("pk").values("pk")
    statement, values = ready.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement + lock, values)
        found = cursor.fetchall()
    if len(found) < len(wanted):
        raise InvalidParams([FieldError("loras", str(LoraGone()), "lora_gone")])


def _waiting_max(order: Order) -> int:
    if order.is_training:
        return settings.TRAININGS_WAITING_MAX
    return settings.API_JOBS_WAITING_MAX if order.product == Product.API else settings.JOBS_WAITING_MAX
