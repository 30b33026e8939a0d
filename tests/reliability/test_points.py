"""Processes of the site die, lose their connection or raise at each commit: no invariant breaks, everything ends.

Each step is a commit by name (`steps`), and two points: before it and after it. Real processes on PostgreSQL.
"""

import logging
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from billing import plans
from generation import housekeeping
from tests.billing.conftest import gateway_shop, shop  # noqa: F401
from tests.billing.test_shop.counter import OpenShop
from tests.generation.receivers import receiver
from tests.reliability import faults
from tests.reliability.broken_site import BrokenSite, broken_site
from tests.reliability.faults import KINDS, MOMENTS, Fault
from tests.reliability.scenes import Scene
from tests.reliability.size import seed, size
from tests.reliability.steps import STEPS, Step
from tests.reliability.studio import run_checker

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("bare_folders"),
]

logger = logging.getLogger(__name__)

SEED = seed(9)
# Those of one scene run on one site.
SCENES = list(dict.fromkeys(step.scene for step in STEPS))
# Five, far from each other, which the seed chooses: six seeds in a row have them all. The journeys have the others.
FEW = [STEPS[place % len(STEPS)] for place in range(SEED, SEED + len(STEPS), 6)]
OTHERS = [step for step in STEPS if step not in FEW]


@pytest.fixture
def site(
    child_environment: dict[str, str],
    tmp_path: Path,
    gateway_shop: OpenShop,  # noqa: F811
    settings: LazySettings,
) -> Iterator[BrokenSite]:
    """Yield the site on the test's database."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    plans.seed()
    with receiver() as box, broken_site(child_environment, tmp_path, gateway_shop, box) as site:
        yield site


@pytest.mark.parametrize("steps", [FEW, pytest.param(OTHERS, marks=pytest.mark.journey)], ids=["few", "others"])
def test_steps_survive_a_fault(
    steps: list[Step], site: BrokenSite, child_environment: dict[str, str], settings: LazySettings
) -> None:
    dice = random.Random(SEED)
    for step in steps:
        meet(site, step, dice.choice(MOMENTS), dice.choice(KINDS), dice)
    check(child_environment, settings)


@pytest.mark.long
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_each_point_survives_each_fault_again_and_again(
    scene: Scene, site: BrokenSite, child_environment: dict[str, str], settings: LazySettings
) -> None:
    dice = random.Random(f"{SEED} {scene.__name__}")
    for _ in range(size(20)):
        for step in (step for step in STEPS if step.scene is scene):
            for moment in MOMENTS:
                for kind in KINDS:
                    meet(site, step, moment, kind, dice)
        check(child_environment, settings)


def meet(site: BrokenSite, step: Step, moment: str, kind: str, dice: random.Random) -> None:
    """Play a step's scene with a fault at it."""
    fault = Fault(step.place, moment, kind, step.under, skip=dice.randrange(step.times))
    begun = time.monotonic()
    scene = step.scene(site)
    next(scene)
    site.order(fault)
    try:
        for _ in scene:
            pass
    except BaseException:
        logger.error("seed %s: %s, %s, %s\n%s", SEED, step.name, moment, fault, site.text())  # noqa: TRY400
        raise
    finally:
        unmet = faults.withdraw(site.folder)
    assert unmet is None, f"nobody came to {step}"
    logger.warning("seed %s: %s, %s, %s: %.1f s", SEED, step.name, moment, kind, time.monotonic() - begun)


def check(environment: dict[str, str], settings: LazySettings) -> None:
    """Have the checker and the audit look at what is left when dead attempts are tidied up."""
    housekeeping.remove_old_scratch(hours=0)
    run_checker(environment["DATABASE_URL"], Path(settings.MEDIA_ROOT), "--strays")
    call_command("ledger_audit")
