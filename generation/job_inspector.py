"""One run as operators look into it: everything that is known of it, in the order in which it happened.

What belongs here: reading rows and saying them plainly. What does not: the page (`job_admin`), and what is done to a
run (`lifecycle`, `settling`). Pictures that people brought along are named and never shown: they are their owners'.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import User
from billing.models import LedgerEntry
from generation import moderation, operators_sight, params, pricing, settling, storage
from generation.errors import GenerationError
from generation.models import Image, Job, JobInput, ModerationCase, WebhookDelivery
from generation.pricing import Term
from generation.task_names import TRAINING

# Of what was made from a run's pictures so many runs are named.
CHILDREN_MAX = 50
# A run's two first times are taken one after the other.
_AT_ONCE = timedelta(seconds=1)


@dataclass(frozen=True)
class Moment:
    """Something that happened. `tone`: bad, good, or empty; `detail` is shown as it stands, over several lines."""

    at: datetime
    what: str
    note: str = ""
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Fact:
    """A name and what it is; `url` where there is a page about it."""

    name: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class File:
    """A picture that was stored; `thumbnail` is an address that expires, empty where it is gone or private."""

    image: Image
    thumbnail: str
    url: str


@dataclass(frozen=True)
class Inspection:
    """A run and what belongs to it."""

    job: Job
    who: list[Fact]
    order: list[Fact]
    price: list[Fact]
    terms: tuple[Term, ...]
    work: list[Fact]
    moments: list[Moment]
    params: str
    files: list[File]
    deliveries: list[WebhookDelivery]
    cases: list[ModerationCase]
    parents: list[Fact]
    children: list[Fact]
    refundable: int
    shows_words: bool
    # Something of it is its owner's alone.
    hides_something: bool


def inspect(job: Job, staff: User) -> Inspection:
    """Return what an operator may know of a run; it comes with its user, key, hold and wallet."""
    entries, images = _entries(job), list(operators_sight.told(job.images.order_by("index"), staff))
    shows_words = operators_sight.sees_words_of(staff, job)
    settings = {**job.params, **({"words": job.words} if job.words else {})}
    deliveries = list(job.webhook_deliveries.select_related("endpoint").prefetch_related("attempts").order_by("id"))
    cases = list(ModerationCase.objects.filter(job=job).order_by("created_at"))
    moments = [*_of_run(job), *_of_money(entries), *_of_pictures(images), *_of_cases(cases), *_of_webhooks(deliveries)]
    return Inspection(
        job=job,
        who=_who(job),
        order=_order(job),
        price=_price(job),
        terms=_terms(job),
        work=_work(job),
        moments=sorted(moments, key=lambda moment: moment.at),
        params=json.dumps(
            settings if shows_words else operators_sight.without_words(settings), indent=2, ensure_ascii=False
        ),
        files=[_file(image) for image in images],
        deliveries=deliveries,
        cases=cases,
        parents=_parents(job),
        children=_children(job),
        refundable=settling.refundable(job),
        shows_words=shows_words,
        hides_something=not shows_words or not all(map(operators_sight.is_open, images)),
    )


# --- Facts ------------------------------------------------------------------------------------------------------


def _who(job: Job) -> list[Fact]:
    door = gettext("%(product)s, test key") if job.is_test else "%(product)s"
    facts = [
        Fact(gettext("Person"), str(job.user), _page("accounts_user", job.user_id)),
        Fact(gettext("Product"), door % {"product": job.get_product_display()}),
    ]
    if job.api_key:
        facts.append(
            Fact(
                gettext("API key"), f"{job.api_key.prefix} {job.api_key.name}", _page("accounts_apikey", job.api_key.pk)
            )
        )
    if job.hold:
        facts.append(Fact(gettext("Wallet"), str(job.hold.wallet), _page("billing_wallet", job.hold.wallet_id)))
    return [*facts, Fact(gettext("Ref"), job.ref or "—")]


def _order(job: Job) -> list[Fact]:
    names = {"model": job.model, "other": job.served_by}
    served = job.model if job.model == job.served_by else gettext("%(model)s, served by %(other)s") % names
    wanted = [Fact(gettext("Wanted until"), f"{job.cancel_after:%Y-%m-%d %H:%M:%S} UTC")] if job.cancel_after else []
    return [
        Fact(gettext("Tool"), job.task_name),
        Fact(gettext("Model"), served),
        Fact(
            gettext("Pictures"),
            gettext("%(stored)s of %(wanted)s") % {"stored": job.images_stored, "wanted": job.num_images},
        ),
        *wanted,
        Fact(gettext("Batch key"), job.batch_key),
        Fact(gettext("Submit key"), job.submit_key),
    ]


def _price(job: Job) -> list[Fact]:
    quoted = gettext("%(credits)s credits: %(count)s × %(each)s, price list %(version)s") % {
        "credits": job.credits,
        "count": job.num_images,
        "each": job.credits_per_image,
        "version": job.pricing_version,
    }
    if job.hold is None:
        return [Fact(gettext("Quoted"), quoted), Fact(gettext("Held"), gettext("nothing: it costs nothing"))]
    hold, refunded = job.hold, settling.refunded(job)
    return [
        Fact(gettext("Quoted"), quoted),
        Fact(gettext("Held"), str(hold.credits), _page("billing_credithold", hold.pk)),
        Fact(gettext("Spent"), str(hold.settled)),
        Fact(gettext("Given back"), str(hold.released)),
        *([Fact(gettext("Refunded later"), str(refunded))] if refunded else []),
        *([Fact(gettext("Still held"), str(hold.open_credits))] if hold.open_credits else []),
    ]


def _terms(job: Job) -> tuple[Term, ...]:
    """Return the factors of the price by today's price list; none where the request could not be made today."""
    if job.task == TRAINING or job.pricing_version != pricing.VERSION:
        return ()
    try:
        asked = params.parse(job.task, params.values_of(job.task, job.params), job.user, require_prompt=False)
        return pricing.quote(asked).terms
    except (GenerationError, KeyError):
        return ()


def _work(job: Job) -> list[Fact]:
    lease = f"{job.lease_expires_at:%Y-%m-%d %H:%M:%S} UTC" if job.lease_expires_at else "—"
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    facts = [
        Fact(gettext("Attempts"), str(job.attempt)),
        Fact(gettext("Last claimed by"), job.claimed_by or "—"),
        Fact(gettext("Lease until"), lease),
        Fact(
            gettext("Waited"), f"{(job.started_at - job.created_at).total_seconds():.1f} s" if job.started_at else "—"
        ),
        Fact(gettext("Took"), f"{took:.1f} s" if took is not None else "—"),
    ]
    if job.error_code:
        facts += [Fact(gettext("Error"), job.error_code), Fact(gettext("The person reads"), job.error_message)]
    return facts


def _file(image: Image) -> File:
    is_shown = operators_sight.is_open(image) and not image.purged_at
    thumbnail = storage.operators_url(image.thumbnail_320) if is_shown else ""
    return File(image, thumbnail, _page("generation_image", image.pk))


def _parents(job: Job) -> list[Fact]:
    found = []
    for one in job.inputs.select_related("upload").order_by("id"):
        name = f"{one.role}: {one.get_kind_display().lower()}, {one.width} × {one.height}"
        if one.origin_id:
            found.append(
                Fact(name, gettext("of run %(run)s") % {"run": one.origin_id}, _page("generation_job", one.origin_id))
            )
        else:
            url = _page("generation_upload", one.upload_id) if one.upload_id else ""
            found.append(Fact(name, str(one.source_id), url))
    return found


def _children(job: Job) -> list[Fact]:
    made_from = JobInput.objects.filter(origin=job).order_by("job_id").values_list("job_id", flat=True).distinct()
    runs = Job.objects.filter(pk__in=list(made_from[:CHILDREN_MAX])).order_by("pk")
    return [
        Fact(run.task_name, f"{run.pk} {run.get_status_display()}", _page("generation_job", run.pk)) for run in runs
    ]


# --- What happened ----------------------------------------------------------------------------------------------


def _of_run(job: Job) -> Iterator[Moment]:
    yield Moment(job.created_at, gettext("Submitted"), str(job.get_product_display()))
    failed = list(job.failed_attempts.order_by("id"))
    for one in failed:
        if one.began_at:
            yield Moment(
                one.began_at, gettext("Attempt %(number)s claimed and begun") % {"number": one.number}, one.worker
            )
        yield Moment(
            one.ended_at,
            gettext("Attempt %(number)s failed: %(code)s") % {"number": one.number, "code": one.code},
            detail=one.detail,
            tone="bad",
        )
    if job.started_at and job.started_at not in {one.began_at for one in failed}:
        yield Moment(
            job.started_at, gettext("Attempt %(number)s claimed and begun") % {"number": job.attempt}, job.claimed_by
        )
    if job.queued_at - job.created_at > _AT_ONCE:
        yield Moment(job.queued_at, gettext("Waits in the queue again"))
    if job.finished_at:
        is_bad = job.status == Job.Status.FAILED
        tone = "bad" if is_bad else "good" if job.status == Job.Status.FINISHED else ""
        why = f"{job.error_code}: {job.error_message}" if job.error_code else ""
        yield Moment(job.finished_at, str(job.get_status_display()), why, tone=tone)
    if job.deleted_at:
        yield Moment(job.deleted_at, gettext("Hidden by its owner"))


def _of_money(entries: list[LedgerEntry]) -> Iterator[Moment]:
    for entry in entries:
        said = {"what": entry.get_kind_display(), "credits": entry.credits}
        yield Moment(entry.created_at, gettext("%(what)s: %(credits)s credits") % said, entry.reason)


def _of_pictures(images: list[Image]) -> Iterator[Moment]:
    for image in images:
        yield Moment(
            image.created_at,
            gettext("Picture %(number)s stored") % {"number": image.index + 1},
            gettext("%(size)s bytes") % {"size": f"{image.size_bytes:,}"},
        )


def _of_cases(cases: list[ModerationCase]) -> Iterator[Moment]:
    for case in cases:
        what = gettext("Moderation: %(action)s (%(category)s)") % {
            "action": case.get_action_display().lower(),
            "category": moderation.category_name(case.category),
        }
        said = {"kind": case.get_kind_display(), "score": f"{case.score:.2f}"}
        yield Moment(case.created_at, what, gettext("%(kind)s, score %(score)s") % said, tone="bad")


def _of_webhooks(deliveries: list[WebhookDelivery]) -> Iterator[Moment]:
    for delivery in deliveries:
        for attempt in delivery.attempts.all():
            came = attempt.status_code or attempt.trouble or gettext("no answer")
            tone = "" if attempt.is_accepted else "bad"
            yield Moment(
                attempt.started_at,
                gettext("Webhook %(event)s: %(came)s") % {"event": delivery.event, "came": came},
                delivery.endpoint.url,
                tone=tone,
            )


def _entries(job: Job) -> list[LedgerEntry]:
    held = list(job.hold.entries.order_by("id")) if job.hold else []
    return [*held, *settling.refunds_of(job)]


def _page(name: str, key: Any) -> str:
    return reverse(f"admin:{name}_change", args=[key])
