"""A case: who sees it, and when it can be appealed."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from generation.models import ModerationCase
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db

Action, Decision = ModerationCase.Action, ModerationCase.Decision


@pytest.mark.parametrize(
    ("action", "decision", "is_seen", "can_be_appealed"),
    [
        (Action.BLOCKED, Decision.NONE, True, True),
        (Action.BLOCKED, Decision.PASSED, True, False),
        (Action.FLAGGED, Decision.NONE, False, False),
        (Action.FLAGGED, Decision.PASSED, False, False),
        (Action.REPORTED, Decision.NONE, False, False),
        (Action.REPORTED, Decision.UPHELD, True, True),
    ],
)
def test_its_owner_sees_what_went_against_them(
    action: str, decision: str, is_seen: bool, can_be_appealed: bool
) -> None:
    case = ModerationCase.objects.create(
        user=make_person(), kind="prompt", action=action, decision=decision, category="gore", digest="1"
    )
    assert ModerationCase.objects.visible_to(case.user).exists() is is_seen
    assert case.can_be_appealed is can_be_appealed
    assert not ModerationCase.objects.visible_to(make_person("bob@example.com")).exists()


def test_there_is_one_appeal_and_one_case_for_the_same_words() -> None:
    facts = {"user": make_person(), "kind": "prompt", "action": Action.BLOCKED, "category": "gore", "digest": "1"}
    case = ModerationCase.objects.create(**facts, appealed_at=timezone.now(), is_waiting=True)
    assert not case.can_be_appealed
    assert case.state == "Appeal is being looked at"
    with pytest.raises(IntegrityError):
        ModerationCase.objects.create(**facts)
