"""One word in two spellings: `num_images` in Python and forms, `numImages` in JSON."""

# What the API can be asked for.
TASKS = ("text-to-image",)


def camel_case(name: str) -> str:
    """Return the JSON spelling."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
