from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from getimg_site import env


@pytest.mark.parametrize("text", [None, "", " "])
def test_unset_and_empty_variables_take_their_default(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    monkeypatch.delenv("X", raising=False)
    if text is not None:
        monkeypatch.setenv("X", text)

    assert env.env_str("X", "a") == "a"
    assert env.env_bool("X", default=True) is True
    assert env.env_int("X", 3, minimum=1, maximum=5) == 3
    assert env.env_float("X", 0.5, minimum=0, maximum=1) == 0.5
    assert env.env_choice("X", ("", "a")) == ""
    assert env.env_list("X", "a, b") == ["a", "b"]
    assert env.env_secret("X", required=False) == ""


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False)])
def test_switches(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("X", text)

    assert env.env_bool("X") is value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("maybe", lambda: env.env_bool("X")),
        ("ten", lambda: env.env_int("X", 1, minimum=0, maximum=9)),
        ("10", lambda: env.env_int("X", 1, minimum=0, maximum=9)),
        ("c", lambda: env.env_choice("X", ("a", "b"))),
        ("nan", lambda: env.env_float("X", 1, minimum=0, maximum=9)),
        ("short", lambda: env.env_secret("X", required=False)),
        ("", lambda: env.env_secret("X", required=True)),
    ],
)
def test_an_unusable_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, text: str, read: object) -> None:
    monkeypatch.setenv("X", text)

    with pytest.raises(ImproperlyConfigured, match="X"):
        read()  # type: ignore[operator]


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"

    first = env.kept_secret(path)

    assert env.kept_secret(path) == first == path.read_text()
    assert len(first) >= 50
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_two_first_starts_agree_on_one_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(env.kept_secret, [tmp_path / "key"] * 32))

    assert len(found) == 1
