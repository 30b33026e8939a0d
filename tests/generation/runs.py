"""Runs for tests: a person with credits, a submitted run, pictures as a worker would have stored them."""

import uuid
from typing import Any

from accounts.ids import uuid7
from accounts.models import User
from billing import ledger, plans
from billing.models import CreditHold, CreditLot
from generation import lifecycle, storage
from generation.models import Image, Job
from generation.params import parse_text_to_image
from tests.factories import make_plan


def make_person(email: str = "ada@example.com", credits: int = 100, *, at_once: int = 100) -> User:
    """Create somebody with credits to spend, on a plan that lets so many runs be drawn at a time."""
    user = User.objects.create_user(email, "correct horse battery")
    wallet = ledger.wallet_of(user)
    plans.put_on(wallet, make_plan(f"roomy-{at_once}", jobs_at_once=at_once))
    if credits:
        ledger.grant(wallet, credits, source=CreditLot.Source.ADMIN, key=f"test:{user.pk}", reason="For a test")
    return user


def submit(user: User, *, key: str | None = None, **values: Any) -> Job:
    """Send a form."""
    params = parse_text_to_image({"prompt": "a red fox", **values}, user)
    return lifecycle.submit(user, params, key=key or uuid.uuid4().hex)


def claim(worker: str = "w1") -> lifecycle.Claim:
    """Claim what waits; something must."""
    found = lifecycle.claim(worker)
    assert found is not None
    return found


def pictures(job: Job, *indexes: int) -> list[Image]:
    """Return unsaved pictures of a run; their files do not exist."""
    made = []
    for index in indexes:
        image_id = uuid7()
        folder = storage.folder_of(image_id)
        made.append(
            Image(
                id=image_id,
                user_id=job.user_id,
                job=job,
                index=index,
                seed=int(job.params["seed"]) + index,
                words=job.words_of(index) if job.words else [],
                width=128,
                height=128,
                file=f"{folder}/original.png",
                thumbnail_320=f"{folder}/320.webp",
                thumbnail_640=f"{folder}/640.webp",
                placeholder="UklGRg==",
                content_type="image/png",
                size_bytes=1000,
                sha256=image_id.hex * 2,
            )
        )
    return made


def hold_of(job: Job) -> CreditHold:
    """Return what was set aside for a run; only a test key's has nothing."""
    assert job.hold is not None
    return job.hold


def finished(user: User, **values: Any) -> Job:
    """Return a run that has all its pictures."""
    submit(user, **values)
    job = claim().jobs[0]
    lifecycle.finish(job, job.attempt, pictures(job, *range(job.num_images)))
    job.refresh_from_db()
    return job


def balance(user: User) -> int:
    """Return what the person can spend."""
    return ledger.available(ledger.wallet_of(user))
