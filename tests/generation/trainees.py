"""Trainings for tests: somebody with credits and a draft, a training ordered for it, a worker that takes it."""

from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import User
from generation import trainings
from generation.models import CustomModel, Job
from generation.training_worker import TrainingWorker
from tests.generation.runs import make_person
from tests.generation.trained import draft
from tests.generation.workers import run_forked

CREDITS = 5000


def make_trainee(email: str = "ada@example.com", credits: int = CREDITS) -> User:
    """Create somebody who can pay for two trainings."""
    return make_person(email, credits=credits)


def ordered(user: User, key: str = "press", **facts: Any) -> Job:
    """Order the training of a new model with five pictures."""
    return trainings.start(fit(user, **facts), user, key)


def fit(user: User, **facts: Any) -> CustomModel:
    """Return a draft that nothing keeps from being trained."""
    return draft(user, 5, **facts)


def model_of(job: Job) -> CustomModel:
    """Return the model that a training is for, as it is now."""
    return CustomModel.objects.get(job=job)


def fresh(job: Job) -> Job:
    """Return the run as it is now."""
    return Job.objects.select_related("hold").get(pk=job.pk)


def train_all(name: str = "t1") -> None:
    """Have a worker train what waits, in a process of its own."""
    run_forked(lambda: _drain(name))


def folder_of(job: Job) -> Path:
    """Return where the training's checkpoints lie."""
    return Path(settings.TRAININGS_DIR) / job.pk.hex


def _drain(name: str) -> None:
    TrainingWorker(name).drain()
