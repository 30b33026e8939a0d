"""The part of the audit about invites: what the rewards say came and went back is what stands on the ledger."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from billing.models import LedgerEntry, ReferralReward
from billing.models.referral_reward import REFERENCE

_Found = Iterator[tuple[UUID, str]]
Side = ReferralReward.Side


def findings(rows: Q) -> _Found:
    """Yield what is wrong with the rewards of these wallets. rows: the condition on what is theirs."""
    yield from _credits(rows)
    yield from _sides(ReferralReward.objects.filter(rows))


def _credits(rows: Q) -> _Found:
    """What was rewarded and not taken back is what the lines of that invite make."""
    lines = LedgerEntry.objects.filter(rows, reference__startswith=REFERENCE).order_by()
    made = {
        (wallet, reference): credits
        for wallet, reference, credits in lines.values_list("wallet_id", "reference").annotate(sum=Sum("delta"))
    }
    rewards = ReferralReward.objects.filter(rows).order_by()
    kept = rewards.values_list("wallet_id", "referral_id").annotate(sum=Sum(F("credits") - F("taken_back")))
    says = {(wallet, f"{REFERENCE}{referral}"): credits for wallet, referral, credits in kept}
    for wallet, reference in sorted(made.keys() | says.keys()):
        said, found = says.get((wallet, reference), 0), made.get((wallet, reference), 0)
        if said != found:
            yield wallet, f"{reference} left {said} credits here, but the entries make {found}"


def _sides(rewards: QuerySet[ReferralReward]) -> _Found:
    """Each side is in the wallet of its person, and its invite was rewarded, whatever became of it later."""
    own = Q(side=Side.FRIEND, wallet__user=F("referral__friend")) | (
        ~Q(side=Side.FRIEND) & Q(wallet__user=F("referral__referrer"))
    )
    for reward in rewards.exclude(own):
        yield reward.wallet_id, f"the reward {reward.pk} is somebody else's"
    for reward in rewards.filter(referral__rewarded_at__isnull=True):
        yield reward.wallet_id, f"the reward {reward.pk} came by an invite that was never rewarded"
