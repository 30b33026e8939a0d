"""Where a picture comes from: its parents, theirs, and so on back to the first words.

What a run began from was written down when it was sent (`JobInput`) and outlives the pictures themselves: of one that
is gone its size and its colours are still known, and the way goes on to the run that made it. A tree is given a few
generations at a time (`of`, then `earlier`); where all of it began is known at once (`beginnings`).
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from accounts.models import User
from generation.engine.options import GREY_ROLES
from generation.models import Image, Job, JobInput, Upload

# So much is given at a time; each generation is one query.
GENERATIONS_MAX = 12
# A blend of blends of blends grows quickly.
NODES_MAX = 60
# So many runs are gone back through to find the beginnings, and so many of those are given.
RUNS_MAX = 5000
BEGINNINGS_MAX = 12
# Every run that a run's pictures come from, each once, itself among them.
_BACK = """
WITH RECURSIVE back(job_id) AS (
    SELECT id FROM generation_job WHERE id = %s
    UNION
    SELECT origin_id FROM generation_jobinput JOIN back USING (job_id)
    WHERE origin_id IS NOT NULL AND role NOT IN (%s, %s)
)
SELECT job_id FROM back LIMIT %s
"""


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
    # Whether there is more behind, which `earlier` gives.
    is_cut_off: bool = False

    @property
    def has_more(self) -> bool:
        """Whether the tree is cut off anywhere."""
        return self.is_cut_off or any(parent.has_more for parent in self.parents)

    @property
    def is_gone(self) -> bool:
        """Whether the picture itself was deleted."""
        return self.image is None and self.upload is None

    @property
    def title(self) -> str:
        """What it is called."""
        if self.job is None:
            return gettext("A picture of your own")
        return self.image.title if self.image else self.job.title


def of(image: Image) -> Node:
    """Return the tree of a picture, itself at its root, as far as it is given at a time."""
    root = Node(image.width, image.height, image.placeholder, job=image.job, image=image)
    return _grow(root, image.user)


def earlier(job: Job) -> Node:
    """Return the tree behind a run, as far as it is given at a time; its root stands for what the run made."""
    return _grow(Node(job.params["width"], job.params["height"], "", job=job), job.user)


def beginnings(image: Image) -> list[Node]:
    """Return what a picture goes back to in the end, in one query: drawn from words alone, or brought along."""
    run = Job._meta.pk.get_db_prep_value(image.job_id, connection)
    back = RawSQL(_BACK, (run, *sorted(GREY_ROLES), RUNS_MAX))  # noqa: S611 (every value is a parameter)
    began_from = JobInput.objects.filter(job=OuterRef("origin")).exclude(role__in=GREY_ROLES)
    found = JobInput.objects.filter(job__in=back, job__user=image.user).exclude(role__in=GREY_ROLES)
    found = found.filter(Q(origin=None) | ~Exists(began_from)).select_related("image", "upload", "origin")
    once = {one.source_id: _node(one, image.user) for one in found.order_by("pk")[: BEGINNINGS_MAX * 4]}
    return list(once.values())[:BEGINNINGS_MAX]


def _grow(root: Node, user: User) -> Node:
    """Hang parents on a node, theirs on them, and so on. Reads one generation a query."""
    youngest, count = [root], 1
    for _ in range(GENERATIONS_MAX):
        by_job = _inputs({node.job.pk for node in youngest if node.job}, user)
        elders: list[Node] = []
        for node in youngest:
            found = by_job.get(node.job.pk, ()) if node.job else ()
            node.is_cut_off = count + len(found) > NODES_MAX
            if not node.is_cut_off:
                node.parents = [_node(one, user) for one in found]
                elders += node.parents
                count += len(found)
        if not elders:
            return root
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
