"""Programs with a key: they order by the API what `benchmarks.visitors` order by the form."""

import json
import time
import uuid
from collections.abc import Sequence

from benchmarks.errors import BenchmarkFailed
from benchmarks.site import Place, Site
from benchmarks.visitors import Line, Sent, Visitor, Wish

# What the site serves with where programs are measured: nobody is sent away for asking often.
LOOSE = {f"API_RATE_{name}": "1000000" for name in ("KEY", "ACCOUNT", "GENERATE")} | {"API_JOBS_WAITING_MAX": "1000000"}
_PLENTY = 10_000_000
_ORDERED = 201


class Program:
    """Whoever has a key, over one open connection."""

    def __init__(self, site: Site, key: str) -> None:
        self._line = Line(site)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def generate(self, wish: Wish) -> Sent:
        """Order a run. Raises: BenchmarkFailed when it is not taken."""
        body = json.dumps(_body(wish)).encode()
        sent_at = time.time()
        response, text = self._line.send("POST", "/v1/diffusions", body, self._headers)
        answered_at = time.time()
        if response.status != _ORDERED:
            raise BenchmarkFailed(f"POST /v1/diffusions was answered with {response.status}:\n{text[:2000]}")
        return Sent(uuid.UUID(json.loads(text)["id"]), sent_at, answered_at)

    def look(self, job_id: uuid.UUID) -> None:
        """Get a diffusion that is done. Raises: BenchmarkFailed when its status is another."""
        response, text = self._line.send("GET", f"/v1/diffusions/{job_id}", b"", self._headers)
        if response.status != 200 or json.loads(text)["status"] != "FINISHED":
            raise BenchmarkFailed(
                f"GET of the finished diffusion {job_id} was answered with {response.status}:\n{text[:2000]}"
            )


def programs_of(place: Place, site: Site, visitors: Sequence[Visitor]) -> list[Program]:
    """Return a program of each of these people."""
    return [Program(site, key) for key in keys_of(place, visitors)]


def keys_of(place: Place, visitors: Sequence[Visitor]) -> list[str]:
    """Fill people's API wallets and return a key of each."""
    keys = []
    for visitor in visitors:
        place.manage("grant_credits", visitor.email, str(_PLENTY), "--wallet", "api", "--reason", "for the benchmark")
        keys.append(place.manage("create_api_key", "--user", visitor.email, "--name", "benchmark").split()[-1])
    return keys


def _body(wish: Wish) -> dict[str, object]:
    """Return the same run as `Wish.fields`, as a program asks for it."""
    return {
        "prompt": wish.prompt,
        "model": "starter",
        "width": 128,
        "height": 128,
        "steps": wish.num_inference_steps,
        "guidanceScale": 4,
        "scheduler": "ddim",
        "seed": wish.seed,
    }
