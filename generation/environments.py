"""With what a picture was drawn, written down while it is known: weights, tools, versions, device, precision.

What belongs here: the facts and their rows. What does not: a picture's own recipe (`manifests`), and what follows when
facts have changed (`reproductions`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.compiled import Compiled
from generation import base_weights
from generation.catalog_shapes import CatalogModel
from generation.engine.protocol import Ready
from generation.models import Environment

Facts = dict[str, Any]


class Weights:
    """Checksums of what an engine holds in memory: those of the files as they were when it read them."""

    def __init__(self) -> None:
        self._pid = 0
        self._read: dict[str, str] = {}

    def forget(self, slug: str) -> None:
        """Note that the engine has read a model anew."""
        self._read.pop(slug, None)

    def checksum_of(self, model: CatalogModel, pid: int) -> str:
        """Return a model's checksum, as the engine with this process id has it. Raises: OSError."""
        if pid != self._pid:
            self._pid, self._read = pid, {}
        if model.slug not in self._read:
            self._read[model.slug] = base_weights.all_of(model)
        return self._read[model.slug]


def facts_of(ready: Ready, model: CatalogModel, tools: Iterable[CatalogModel], weights: Weights) -> Facts:
    """Return the facts about a pass. Raises: OSError."""
    return {
        "model": _named(model, weights, ready.pid),
        "tools": [_named(tool, weights, ready.pid) for tool in tools],
        "device": ready.device,
        "dtype": ready.dtypes.get(model.dtype, model.dtype),
        "versions": dict(sorted(ready.versions.items())),
    }


def keep(facts: Facts) -> str:
    """Return the digest under which these facts lie in the database, written now if they are new."""
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
    if not _find.rows(digest=digest):
        Environment.objects.get_or_create(digest=digest, defaults={"facts": facts})
    return digest


# Each run that is stored asks for its own.
_find = Compiled(lambda digest: Environment.objects.filter(digest=digest), digest=str)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what two environments differ in: (fact, before, after), in words."""
    then, now = _flat(before), _flat(after)
    return [
        (name, then.get(name, "–"), now.get(name, "–"))
        for name in dict.fromkeys([*then, *now])
        if then.get(name) != now.get(name)
    ]


def _named(model: CatalogModel, weights: Weights, pid: int) -> dict[str, str]:
    return {"id": model.slug, "weights_sha256": weights.checksum_of(model, pid)}


def _flat(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return facts one beside the other, each under what people call it."""
    flat = {f"weights of {part['id']}": part["weights_sha256"] for part in (facts["model"], *facts["tools"])}
    flat |= {"device": facts["device"], "precision": facts["dtype"]}
    return flat | {f"version of {name}": version for name, version in facts["versions"].items()}
