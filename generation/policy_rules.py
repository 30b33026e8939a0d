"""What operators changed of the policy. From memory: a change reaches every process within five seconds
(`BriefMemory`).
"""

from accounts.brief_memory import BriefMemory
from generation.models import PolicyRule
from generation.moderation_rules import RuleChange


def _read() -> tuple[RuleChange, ...]:
    return tuple(sorted(row.change for row in PolicyRule.objects.all()))


memory: BriefMemory[tuple[RuleChange, ...]] = BriefMemory(_read, ())


def changes() -> tuple[RuleChange, ...]:
    """Return what each row changes."""
    return memory.get()


def image_thresholds() -> dict[str, float]:
    """Return the bounds of pictures that operators have set."""
    return {category: bound for category, _, _, bound, *_ in memory.get() if bound is not None}
