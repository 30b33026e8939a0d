"""How large a long form is: its own size, or the one that `make reliability ONLY=<name> SIZE=<number>` asks for."""

import os

VARIABLE = "RELIABILITY_SIZE"


def size(usual: int) -> int:
    """Return how many runs, requests or minutes the long form that is running has."""
    return int(os.environ.get(VARIABLE) or usual)
