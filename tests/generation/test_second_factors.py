"""Secrets of second factors lie sealed, and are sealed anew with a new key."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings

from generation import second_factors
from generation.sealing import _key_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"


def secret_of(row: Authenticator) -> str:
    return second_factors.SealedFactors().decrypt(row.data["secret"])


def test_a_secret_lies_sealed_and_opens() -> None:
    TOTP.activate(make_user(), SECRET)

    row = Authenticator.objects.get()
    assert SECRET not in str(row.data)
    assert secret_of(row) == SECRET


def test_a_new_key_seals_them_all_anew_once(settings: LazySettings) -> None:
    user = make_user()
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes()
    settings.SEALING_KEYS = ["n" * 40, *settings.SEALING_KEYS]

    assert second_factors.reseal() == 2
    assert second_factors.reseal() == 0

    settings.SEALING_KEYS = settings.SEALING_KEYS[:1]
    _key_of.cache_clear()
    assert secret_of(Authenticator.objects.get(type="totp")) == SECRET
    assert RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).generate_codes() == codes
