"""What a run's end costs: what was delivered is charged, the rest given back, each with its line in the ledger.

And what the team gives back later, of what was charged: once for each run, with a reason that the person reads.
"""

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from billing import ledger, referral_rewards
from billing.errors import KeyReused
from billing.models import CreditHold, LedgerEntry
from generation.errors import NotRefundable
from generation.models import Job
from generation.task_names import TRAINING, VIDEO_TASK

# What the ledger keeps, as it is kept; `getimg_site.kept_words` reads it in other languages.
TRAINED = gettext_noop("A model was trained")
PICTURES = ("%(count)s picture", "%(count)s pictures")
VIDEO = ("%(count)s video", "%(count)s videos")
GIVEN_BACK = gettext_noop("Given back: %(reason)s")
CANCELED = gettext_noop("canceled")
NOT_ARRIVED = gettext_noop("pictures that did not arrive")
DRAWER_LOST = gettext_noop(
    "The computer that drew this stopped several times. Your credits are back; please try again."
)
TRAINER_LOST = gettext_noop(
    "The computer that trained this stopped several times. Your credits are back; please try again."
)


def settle(job: Job, hold: CreditHold | None, stored: int, reason: str) -> None:
    """Charge the pictures that arrived and give the rest back, with the reason on the ledger's line."""
    if hold is None:
        return
    if stored and job.task == TRAINING:
        ledger.settle(hold, job.credits, key=f"settle:{job.pk.hex}", reason=TRAINED)
    elif stored:
        words = (VIDEO if job.task == VIDEO_TASK else PICTURES)[stored != 1] % {"count": stored}
        ledger.settle(hold, stored * job.credits_per_image, key=f"settle:{job.pk.hex}", reason=words)
        referral_rewards.picture_made(job.user_id)
    if stored < job.num_images:
        ledger.release(hold, key=f"release:{job.pk.hex}", reason=(GIVEN_BACK % {"reason": reason})[:200])


def refund(job: Job, credits: int, reason: str) -> LedgerEntry:
    """Give credits of an ended run back, at most what it was charged. Raises: NotRefundable."""
    most = refundable(job)
    if not 1 <= credits <= most or job.hold is None:
        raise NotRefundable(credits, most)
    try:
        wallet = job.hold.wallet
        return ledger.adjust(wallet, credits, key=_refund_key(job), reason=reason, reference=job.reference)
    except KeyReused as error:
        raise NotRefundable(credits, 0) from error


def refundable(job: Job) -> int:
    """Return how many credits can still be given back."""
    return job.hold.settled if job.hold and not job.is_active and not refunded(job) else 0


def refunded(job: Job) -> int:
    """Return how many credits were given back after the run's end."""
    return sum(entry.credits for entry in refunds_of(job))


def refunds_of(job: Job) -> QuerySet[LedgerEntry]:
    """Return the line of the refund, where there is one."""
    return LedgerEntry.objects.filter(key=_refund_key(job))


def _refund_key(job: Job) -> str:
    return f"refund:{job.pk.hex}"
