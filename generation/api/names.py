"""One word in two spellings: `num_images` in Python and forms, `numImages` in JSON."""

from generation.engine.options import OPTIONS

# What the API can be asked for, what draws from words alone first.
TASKS = tuple(OPTIONS)


def camel_case(name: str) -> str:
    """Return the JSON spelling."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
