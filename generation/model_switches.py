"""Why a model is turned off. From memory: a change reaches every process within five seconds (`BriefMemory`)."""

from accounts.brief_memory import BriefMemory
from generation.models import ModelSwitch


def _read() -> dict[str, str]:
    return dict(ModelSwitch.objects.filter(is_off=True).values_list("slug", "reason"))


memory: BriefMemory[dict[str, str]] = BriefMemory(_read, {})


def off_reason(slug: str) -> str:
    """Return why an operator has turned a model off; empty where none has."""
    return memory.get().get(slug, "")
