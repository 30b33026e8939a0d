"""The one way to somebody's run: it is the caller's own, or it is not there.

To a test key the account's live runs are not there, nor to a live key its test runs: a test key lies about in laptops
and pipelines, and what it opens should be worth no more than that.
"""

from accounts.models import ApiKey
from generation import diffusions
from generation.api.problems import not_found
from generation.diffusions import Diffusion


def find(key: ApiKey, diffusion_id: str) -> Diffusion:
    """Return a run with its pictures. Raises: Problem (404)."""
    found = diffusions.find(key.user, diffusion_id, is_test=key.is_test)
    if found is None:
        raise not_found()
    return found
