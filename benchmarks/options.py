"""What the commands' options are read with."""

import argparse
from collections.abc import Collection


def positive(text: str) -> int:
    """Return a whole number from 1. Raises: ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def names_of(text: str, known: Collection[str]) -> list[str]:
    """Return names that are known, with commas between them. Raises: ArgumentTypeError."""
    names = [name.strip() for name in text.split(",")]
    if set(names) - set(known):
        raise argparse.ArgumentTypeError(f"{text!r} names what is not there: {', '.join(known)} are")
    return names
