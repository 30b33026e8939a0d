import pytest
from django.core.exceptions import ImproperlyConfigured

from getimg_site import env


def test_unset_variables_take_their_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X", raising=False)

    assert env.env_str("X", "a") == "a"
    assert env.env_bool("X", default=True) is True
    assert env.env_int("X", 3, minimum=1, maximum=5) == 3
    assert env.env_float("X", 0.5, minimum=0, maximum=1) == 0.5
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
        ("nan", lambda: env.env_float("X", 1, minimum=0, maximum=9)),
        ("short", lambda: env.env_secret("X", required=False)),
        ("", lambda: env.env_secret("X", required=True)),
    ],
)
def test_an_unusable_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, text: str, read: object) -> None:
    monkeypatch.setenv("X", text)

    with pytest.raises(ImproperlyConfigured, match="X"):
        read()  # type: ignore[operator]
