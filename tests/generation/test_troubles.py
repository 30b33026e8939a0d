"""What failures come to: a code, whether another try helps, and for operators where it happened, never whose words."""

import errno

import pytest

from generation import troubles
from generation.engine.errors import EngineCrashed, EngineFailed
from generation.troubles import Trouble


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (EngineCrashed(-9), Trouble("crashed", True, "the engine ended with code -9")),
        (EngineFailed("out_of_memory", "not enough", False), Trouble("out_of_memory", False, "not enough")),
    ],
)
def test_the_engines_errors_keep_what_it_said(error: EngineCrashed | EngineFailed, trouble: Trouble) -> None:
    assert troubles.trouble_of(error) == trouble


def test_an_unforeseen_error_says_where_and_of_what_kind_and_not_its_words() -> None:
    found = troubles.unknown(raised(ValueError("a very private fox")))
    assert (found.code, found.is_retryable) == ("internal", True)
    assert "test_troubles.py" in found.detail
    assert found.detail.endswith("ValueError")
    assert "private" not in found.detail


def test_a_full_disk_is_told_from_other_troubles_of_the_system() -> None:
    full, other = (raised(OSError(number, "no")) for number in (errno.ENOSPC, errno.EACCES))
    assert isinstance(full, OSError)
    assert isinstance(other, OSError)
    assert (troubles.trouble_of(full).code, troubles.trouble_of(other).code) == ("disk_full", "internal")
