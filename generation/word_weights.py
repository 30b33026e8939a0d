r"""Weights of words in a prompt: `(word:1.3)`, `(word)` and `[word]`, as people know them from other studios.

What belongs here: reading them. What does not: what a model makes of them (`inference/prompts.py`). Both the site and
the engine read prompts, so this file knows neither Django nor torch.

`(word)` is 1.1 × as strong, `[word]` 1.1 × weaker, `(word:1.3)` 1.3 ×; nested brackets multiply. `\(` is a bracket, and
so is one without its other half.
"""

import re
from dataclasses import dataclass

# Source: the factor of AUTOMATIC1111's stable-diffusion-webui, whose notation this is.
STEP = 1.1
# A word at 0 is gone; beyond 2 what is drawn falls apart.
WEIGHT_MIN, WEIGHT_MAX = 0.0, 2.0

_TOKEN = re.compile(r"\\[()\[\]\\]|[(\[\]]|:\s*[+-]?\d*\.?\d+\s*\)|\)|[^\\()\[\]:]+|.", re.DOTALL)
_OPENS = {")": "(", "]": "["}


@dataclass(frozen=True)
class Part:
    """A stretch of a prompt and how strong it is; 1 is as it stands."""

    text: str
    weight: float = 1.0


def parse(prompt: str) -> tuple[Part, ...]:
    """Return a prompt's parts in order, none of them empty, neighbours of one weight joined.

    Every text can be read. What nested brackets multiply to is held between `WEIGHT_MIN` and `WEIGHT_MAX`.
    """
    tokens = _TOKEN.findall(prompt)
    ends = _pair(tokens)
    closing = set(ends.values())
    weights, parts = [1.0], list[Part]()
    for index, token in enumerate(tokens):
        if index in ends:
            weights.append(weights[-1] * _factor(token, tokens[ends[index]]))
        elif index in closing:
            weights.pop()
        else:
            _append(parts, _literal(token), min(max(weights[-1], WEIGHT_MIN), WEIGHT_MAX))
    return tuple(parts)


def plain(prompt: str) -> str:
    """Return a prompt as somebody would read it out: its words without the notation, and without those at 0."""
    return " ".join("".join(part.text for part in parse(prompt) if part.weight).split())


def numbers(prompt: str) -> list[float]:
    """Return the weights that were written as numbers."""
    tokens = _TOKEN.findall(prompt)
    ends = [tokens[end] for end in _pair(tokens).values()]
    return [_number(end) for end in ends if end.startswith(":")]


def _pair(tokens: list[str]) -> dict[int, int]:
    """Return where each bracket that has its other half is closed."""
    ends: dict[int, int] = {}
    waiting: list[int] = []
    for index, token in enumerate(tokens):
        if token in ("(", "["):
            waiting.append(index)
            continue
        opener = _OPENS.get(token[-1]) if len(token) == 1 or token[0] == ":" else None
        places = [place for place, start in enumerate(waiting) if tokens[start] == opener]
        if places:
            ends[waiting[places[-1]]] = index
            del waiting[places[-1] :]  # what was opened within and not closed is text
    return ends


def _factor(start: str, end: str) -> float:
    if end.startswith(":"):
        return _number(end)
    return STEP if start == "(" else 1 / STEP


def _number(end: str) -> float:
    return float(end.strip(":) \t\r\n"))


def _literal(token: str) -> str:
    return token[1:] if len(token) == 2 and token[0] == "\\" else token


def _append(parts: list[Part], text: str, weight: float) -> None:
    if parts and parts[-1].weight == weight:
        parts[-1] = Part(parts[-1].text + text, weight)
    else:
        parts.append(Part(text, weight))
