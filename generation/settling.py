"""What a run's end costs: what was delivered is charged, the rest given back, each with its line in the ledger."""

from billing import ledger, referral_rewards
from billing.models import CreditHold
from generation.models import Job
from generation.task_names import TRAINING, VIDEO_TASK


def settle(job: Job, hold: CreditHold | None, stored: int, reason: str) -> None:
    """Charge the pictures that arrived and give the rest back, with the reason on the ledger's line."""
    if hold is None:
        return
    if stored and job.task == TRAINING:
        ledger.settle(hold, job.credits, key=f"settle:{job.pk.hex}", reason="A model was trained")
    elif stored:
        noun = ("video" if job.task == VIDEO_TASK else "picture") + ("" if stored == 1 else "s")
        ledger.settle(hold, stored * job.credits_per_image, key=f"settle:{job.pk.hex}", reason=f"{stored} {noun}")
        referral_rewards.picture_made(job.user)
    if stored < job.num_images:
        ledger.release(hold, key=f"release:{job.pk.hex}", reason=f"Given back: {reason}"[:200])
