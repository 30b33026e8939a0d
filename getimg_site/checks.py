"""System checks: settings that would go wrong only later, found at the start."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from generation import certificates, content_credentials, image_check, moderation


@register
def queue_retry_exceeds_timeouts(**_: Any) -> list[CheckMessage]:
    """A task handed out again while it still runs would ring for nothing, over and over."""
    shared = {name: value for name, value in settings.Q_CLUSTER.items() if name != "ALT_CLUSTERS"}
    clusters = {"default": shared}
    clusters |= {name: {**shared, **own} for name, own in settings.Q_CLUSTER["ALT_CLUSTERS"].items()}
    errors: list[CheckMessage] = []
    for name, conf in clusters.items():
        rounds = (conf["queue_limit"] + conf["workers"] + 1) / conf["workers"]
        if conf["retry"] <= rounds * conf["timeout"]:
            errors.append(
                Error(
                    f"Queue {name}: retry {conf['retry']} s must exceed {rounds:g} × timeout {conf['timeout']} s.",
                    id="getimg.E001",
                )
            )
    return errors


@register
def scratch_is_writable(**_: Any) -> list[CheckMessage]:
    """The engine hands pictures over in this folder."""
    try:
        settings.SCRATCH_DIR.mkdir(parents=True, exist_ok=True)
        probe = settings.SCRATCH_DIR / ".writable"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        return [Error(f"SCRATCH_DIR {settings.SCRATCH_DIR} can't be written: {error}", id="getimg.E002")]
    return []


@register
def licence_keys_are_keys(**_: Any) -> list[CheckMessage]:
    """A certificate that was signed by a key nobody can read would be called forged."""
    errors: list[CheckMessage] = []
    for place, x in enumerate(settings.LICENCE_OLD_PUBLIC_KEYS, start=1):
        try:
            certificates.public_key(x)
        except ValueError:
            words = f"LICENCE_OLD_PUBLIC_KEYS: entry {place} is not an Ed25519 key: 43 letters, digits, - and _."
            errors.append(Error(words, id="getimg.E005"))
    return errors


@register
def content_credentials_can_be_signed(**_: Any) -> list[CheckMessage]:
    """Nobody notices that files are no longer signed until somebody asks what one says."""
    return [Error(words, id="getimg.E007") for words in content_credentials.faults()]


@register
def moderation_can_work(**_: Any) -> list[CheckMessage]:
    """A policy that cannot be read would refuse nothing, or everything."""
    try:
        moderation.policy()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="getimg.E006")]
    return [Error(words, id="getimg.E008") for words in image_check.problems()]


@register(Tags.security, deploy=True)
def production_has_its_services(**_: Any) -> list[CheckMessage]:
    """SQLite and console mail are for one computer, not for customers."""
    warnings: list[CheckMessage] = []
    if not settings.PRODUCTION:
        warnings.append(CheckWarning("PRODUCTION=1 is not set.", id="getimg.W001"))
    if not settings.DATABASE_URL:
        warnings.append(CheckWarning("DATABASE_URL is not set: production wants PostgreSQL.", id="getimg.W002"))
    if not settings.EMAIL_URL_HOST:
        warnings.append(CheckWarning("EMAIL_HOST is not set: nobody would get mail.", id="getimg.W003"))
    for name in ("DEFAULT_FROM_EMAIL", "SUPPORT_EMAIL"):
        if parseaddr(getattr(settings, name))[1].endswith("@localhost"):
            words = f"{name} is an address at localhost: nobody could answer what comes from there, or write there."
            warnings.append(CheckWarning(words, id="getimg.W005"))
    return warnings


@register(Tags.security, deploy=True)
def money_is_real(**_: Any) -> list[CheckMessage]:
    """A shop that takes no money is for trying out; one without its secret would never hear of a payment."""
    found: list[CheckMessage] = []
    if settings.TEST_SHOP:
        found.append(Error("TEST_SHOP=1 sells for no money: unset it.", id="getimg.E003"))
    elif settings.PRODUCTION and not settings.STRIPE_SECRET_KEY:
        found.append(CheckWarning("STRIPE_SECRET_KEY is not set: nothing is for sale.", id="getimg.W004"))
    elif settings.STRIPE_SECRET_KEY and not settings.STRIPE_WEBHOOK_SECRETS:
        found.append(
            Error("STRIPE_WEBHOOK_SECRETS is not set: what is paid would be heard of a day late.", id="getimg.E004")
        )
    return found
