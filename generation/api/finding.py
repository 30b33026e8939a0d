"""The one way to somebody's run: it is the caller's own, or it is not there."""

from accounts.models import ApiKey
from generation import diffusions
from generation.api.problems import not_found
from generation.diffusions import Diffusion


def find(key: ApiKey, diffusion_id: str) -> Diffusion:
    """Return a run with its pictures. Raises: Problem (404)."""
    found = diffusions.find(key.user, diffusion_id)
    if found is None:
        raise not_found()
    return found
