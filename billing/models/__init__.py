"""Money and credits: one aggregate a file. Each file's docstring says who alone writes its rows; everyone may read."""

from billing.models.due_notice import DueNotice
from billing.models.ledger import KEY_MAX_LENGTH, REASON_MAX_LENGTH, CreditHold, CreditLot, LedgerEntry
from billing.models.ledger_audit import LedgerAudit
from billing.models.low_credits import LowCredits
from billing.models.payment import Customer, Payment, Subscription
from billing.models.plan import FREE, Interval, Pack, Plan, PlanSpell, Product
from billing.models.referral_reward import ReferralReward
from billing.models.stripe_event import Reconciliation, StripeEvent
from billing.models.top_up import AutoTopUp, TopUp
from billing.models.wallet import Wallet

__all__ = [
    "FREE",
    "KEY_MAX_LENGTH",
    "REASON_MAX_LENGTH",
    "AutoTopUp",
    "CreditHold",
    "CreditLot",
    "Customer",
    "DueNotice",
    "Interval",
    "LedgerAudit",
    "LedgerEntry",
    "LowCredits",
    "Pack",
    "Payment",
    "Plan",
    "PlanSpell",
    "Product",
    "Reconciliation",
    "ReferralReward",
    "StripeEvent",
    "Subscription",
    "TopUp",
    "Wallet",
]
