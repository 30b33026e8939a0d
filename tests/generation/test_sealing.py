import pytest
from django.conf import LazySettings

from generation import sealing
from generation.errors import SecretUnreadable

OLD, NEW = "old " * 10, "new " * 10


def test_what_is_sealed_can_be_read_and_does_not_show() -> None:
    sealed = sealing.seal("whsec_ä")

    assert "whsec" not in sealed
    assert len(sealing.seal("x" * 100)) <= sealing.SEALED_MAX_LENGTH
    assert sealing.unseal(sealed) == "whsec_ä"
    assert sealing.seal("whsec_ä") != sealed


def test_a_new_key_before_the_old_one_seals_and_both_open(settings: LazySettings) -> None:
    settings.SEALING_KEYS = [OLD]
    before = sealing.seal("secret")

    settings.SEALING_KEYS = [NEW, OLD]
    after = sealing.reseal(before)

    assert sealing.unseal(before) == sealing.unseal(after) == "secret"
    assert [sealing.is_newest(sealed) for sealed in (before, after)] == [False, True]
    settings.SEALING_KEYS = [NEW]
    assert sealing.unseal(after) == "secret"
    with pytest.raises(SecretUnreadable):
        sealing.unseal(before)
    with pytest.raises(SecretUnreadable):
        sealing.reseal(before)


@pytest.mark.parametrize("sealed", ["", "whsec_plain", "gAAAAA", "ä"])
def test_what_nobody_sealed_is_not_read(sealed: str) -> None:
    with pytest.raises(SecretUnreadable):
        sealing.unseal(sealed)


def test_the_sites_own_key_opens_when_there_is_no_other(settings: LazySettings) -> None:
    assert settings.SEALING_KEYS == [settings.SECRET_KEY]
