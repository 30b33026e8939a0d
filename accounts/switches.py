"""Whether a feature is on. Each is asked for in one place of the product, which names it; nothing else reads the rows.

Asked at every request and answered from memory: a change reaches every process within five seconds (`BriefMemory`).
"""

from django.conf import settings

from accounts.brief_memory import BriefMemory
from accounts.errors import FeatureOff
from accounts.models import Feature, FeatureSwitch

State = FeatureSwitch.State


def _read() -> dict[str, tuple[str, str]]:
    return {row.feature: (row.state, row.reason) for row in FeatureSwitch.objects.exclude(state=State.AS_SET)}


memory: BriefMemory[dict[str, tuple[str, str]]] = BriefMemory(_read, {})


def is_on(feature: Feature) -> bool:
    """Whether people may use it now: as an operator says, or else as the settings have it."""
    state, _ = memory.get().get(feature, (State.AS_SET, ""))
    return state == State.ON or (state == State.AS_SET and _is_set(feature))


def check(feature: Feature) -> None:
    """Let people through. Raises: FeatureOff, with what they are told."""
    if not is_on(feature):
        raise _refusal(feature)


def said(feature: Feature) -> str:
    """Return what people are told before they try: that it is off, and why; empty while it is on."""
    return "" if is_on(feature) else str(_refusal(feature))


def reason(feature: Feature) -> str:
    """Return what people are told about why it is off; empty while it is on."""
    return "" if is_on(feature) else _refusal(feature).reason


def is_off_by_operator(feature: Feature) -> bool:
    """Whether an operator has turned it off, rather than the settings."""
    return not is_on(feature) and _refusal(feature).is_by_operator


def _refusal(feature: Feature) -> FeatureOff:
    _, reason = memory.get().get(feature, (State.AS_SET, ""))
    return FeatureOff(feature, str(Feature(feature).label), reason)


def _is_set(feature: Feature) -> bool:
    return bool(settings.SHOWCASE) if feature == Feature.SHOWCASE else True
