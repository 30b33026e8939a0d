"""How large a long form is and where its dice begin: `make reliability ONLY=<name> SIZE=<number> SEED=<number>`."""

import os

VARIABLE = "RELIABILITY_SIZE"
SEED_VARIABLE = "SEED"


def size(usual: int) -> int:
    """Return how many runs, requests or minutes the long form that is running has."""
    return int(os.environ.get(VARIABLE) or usual)


def seed(usual: int) -> int:
    """Return what the dice of a proof begin from; whoever throws them prints it."""
    return int(os.environ.get(SEED_VARIABLE) or usual)
