"""People and their keys: one aggregate a file."""

from accounts.models.api_key import (
    KEY_NAME_MAX_LENGTH,
    LOW_BALANCE_DEFAULT,
    ApiAccount,
    ApiKey,
    RateBucket,
    Scope,
    TestAllowance,
    every_scope,
)
from accounts.models.audit_line import AuditLine
from accounts.models.erased_mailbox import ErasedMailbox
from accounts.models.feature_switch import Feature, FeatureSwitch
from accounts.models.former_address import FormerAddress
from accounts.models.notification import Channel, Happening, NotificationChoice
from accounts.models.referral import Referral
from accounts.models.support_visit import SupportVisit
from accounts.models.suspension import Suspension
from accounts.models.user import DISPLAY_NAME_MAX_LENGTH, ERASED_DOMAIN, User, UserManager, validate_time_zone

__all__ = [
    "DISPLAY_NAME_MAX_LENGTH",
    "ERASED_DOMAIN",
    "KEY_NAME_MAX_LENGTH",
    "LOW_BALANCE_DEFAULT",
    "ApiAccount",
    "ApiKey",
    "AuditLine",
    "Channel",
    "ErasedMailbox",
    "Feature",
    "FeatureSwitch",
    "FormerAddress",
    "Happening",
    "NotificationChoice",
    "RateBucket",
    "Referral",
    "Scope",
    "SupportVisit",
    "Suspension",
    "TestAllowance",
    "User",
    "UserManager",
    "every_scope",
    "validate_time_zone",
]
