"""People: one aggregate a file."""

from accounts.models.referral import Referral
from accounts.models.user import DISPLAY_NAME_MAX_LENGTH, User, UserManager, validate_time_zone

__all__ = ["DISPLAY_NAME_MAX_LENGTH", "Referral", "User", "UserManager", "validate_time_zone"]
