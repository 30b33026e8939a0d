"""Read environment variables with a type and a bound; an unusable value names its variable.

Only `settings.py` calls these functions, so that every setting is found in one place.
"""

import contextlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def env_str(name: str, default: str = "") -> str:
    """Return the variable's text without surrounding blanks; one that is empty is not set."""
    return os.environ.get(name, "").strip() or default


def env_choice(name: str, choices: Sequence[str]) -> str:
    """Return one of a few words; the first of them where the variable is not set."""
    value = env_str(name, choices[0])
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(map(repr, choices))}.")
    return value


def env_bool(name: str, default: bool = False) -> bool:
    """Return a switch; accepts 1/0, true/false, yes/no, on/off."""
    raw = env_str(name)
    if not raw:
        return default
    if raw.lower() in _TRUE:
        return True
    if raw.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r} is not a switch: use 1 or 0.")


def env_int(name: str, default: int, *, minimum: int, maximum: int) -> int:
    """Return a whole number within [minimum, maximum]."""
    raw = env_str(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.") from None
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(f"{name}={value} is outside {minimum} to {maximum}.")
    return value


def env_float(name: str, default: float, *, minimum: float, maximum: float) -> float:
    """Return a number within [minimum, maximum]."""
    raw = env_str(name)
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a number.") from None
    if not minimum <= value <= maximum:
        raise ImproperlyConfigured(f"{name}={value} is outside {minimum} to {maximum}.")
    return value


def env_list(name: str, default: str = "") -> list[str]:
    """Return the comma-separated items, blanks dropped."""
    return [item.strip() for item in env_str(name, default).split(",") if item.strip()]


def env_secret(name: str, *, required: bool, minimum_length: int = 32) -> str:
    """Return a secret; a required one that is missing or short stops the start."""
    value = env_str(name)
    if required and not value:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    if value and len(value) < minimum_length:
        raise ImproperlyConfigured(f"{name} must have at least {minimum_length} characters.")
    return value


def kept_secret(path: Path) -> str:
    """Return the secret kept in a file, made at the first start; two first starts agree on one."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        # Of two links to one name one is made, and nobody ever reads a half-written file.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
