"""Where a picture comes from: its parents, theirs, and so on back to the first words.

What a run began from was written down when it was sent (`JobInput`) and outlives the pictures themselves: of one that
is gone its size and its colours are still known, and the way goes on to the run that made it.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from generation.engine.options import GREY_ROLES
from generation.models import Image, Job, JobInput, Upload

# Further back nothing is shown; each generation is one query.
GENERATIONS_MAX = 12
# A blend of blends of blends grows quickly.
NODES_MAX = 60


@dataclass
class Node:
    """One picture of the tree, and what it was made from; `job` made it, None for what somebody brought along."""

    width: int
    height: int
    placeholder: str
    job: Job | None = None
    image: Image | None = None
    upload: Upload | None = None
    parents: list["Node"] = field(default_factory=list)
    # Whether there is more behind that is not shown.
    is_cut_off: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the picture itself was deleted."""
        return self.image is None and self.upload is None

    @property
    def title(self) -> str:
        """What it is called."""
        if self.job is None:
            return "A picture of your own"
        return self.image.title if self.image else self.job.title


def of(image: Image) -> Node:
    """Return the tree of a picture, itself at its root. Reads one generation a query."""
    root = Node(image.width, image.height, image.placeholder, job=image.job, image=image)
    youngest, count = [root], 1
    for _ in range(GENERATIONS_MAX):
        by_job = _inputs({node.job.pk for node in youngest if node.job}, image.user)
        if not by_job:
            return root
        elders = []
        for node in youngest:
            for one in by_job.get(node.job.pk, ()) if node.job else ():
                if count >= NODES_MAX:
                    node.is_cut_off = True
                    break
                parent = _node(one, image.user)
                node.parents.append(parent)
                elders.append(parent)
                count += 1
        youngest = elders
    for node in youngest:
        node.is_cut_off = node.job is not None and "pictures" in node.job.params
    return root


def _inputs(jobs: set[Any], user: User) -> dict[uuid.UUID, list[JobInput]]:
    found = JobInput.objects.filter(job__in=jobs, job__user=user).exclude(role__in=GREY_ROLES).order_by("pk")
    by_job: dict[uuid.UUID, list[JobInput]] = defaultdict(list)
    for one in found.select_related("image", "upload", "origin") if jobs else ():
        by_job[one.job_id].append(one)
    return by_job


def _node(one: JobInput, user: User) -> Node:
    image = one.image if one.image and one.image.deleted_at is None and one.image.user_id == user.pk else None
    if image and one.origin:
        image.job = one.origin  # read already
    upload = one.upload if one.upload and one.upload.deleted_at is None else None
    return Node(one.width, one.height, one.placeholder, job=one.origin, image=image, upload=upload)
