"""What a person has asked for before, newest first and each text once: what Back and Forward walk in the prompt box.

The runs themselves are the history; nothing is kept beside them. A text comes up again in a later page when it was
also used long ago: who walks back passes over it.
"""

import uuid
from dataclasses import dataclass

from django.db.models.fields.json import KT

from accounts.models import User
from billing.models import Product
from generation.models import Job

PAGE_SIZE = 50


@dataclass(frozen=True)
class HistoryPage:
    """Some prompts, and where the next page begins (None: these were the first ones)."""

    prompts: list[str]
    next_before: uuid.UUID | None


def page(user: User, *, before: uuid.UUID | None = None, size: int = PAGE_SIZE) -> HistoryPage:
    """Return the prompts of the `size` newest runs older than `before`; a run without one adds none."""
    jobs = Job.objects.visible_to(user).of_product(Product.SITE).order_by("-id")
    if before is not None:
        jobs = jobs.filter(pk__lt=before)
    # One more than is shown tells whether there is a next page, without counting.
    found = list(jobs.values_list("pk", KT("params__prompt"))[: size + 1])
    prompts = dict.fromkeys(prompt for _, prompt in found[:size] if prompt)
    return HistoryPage(list(prompts), found[size - 1][0] if len(found) > size else None)
