"""What is ordered, by whom and through which door: everything `lifecycle.place` needs to make a run of it."""

import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from accounts import switches
from accounts.errors import FeatureOff
from accounts.ids import uuid7
from accounts.models import ApiKey, Feature, User
from billing.models import Product
from generation import catalog, licences, picture_words
from generation.errors import FieldError, TaskOff
from generation.models import Job, JobInput, Licence
from generation.params import SEED_MAX, Params, TextToImageParams
from generation.params.sources import Picture, Source
from generation.picture_words import Words
from generation.pricing import Quote
from generation.task_names import TASK_NAMES, TRAINING, VIDEO_TASK

# What the ledger keeps, as it is kept; `getimg_site.kept_words` reads it in other languages.
VIDEO = gettext_noop("1 video from a picture")
TRAINING_OF_A_MODEL = gettext_noop("Training of a model")
FROM_TEXT = ("%(count)s picture from text", "%(count)s pictures from text")
BY_TASK = ("%(count)s picture: %(task)s", "%(count)s pictures: %(task)s")
# What operators can turn off by itself.
_SWITCHED = {TRAINING: Feature.TRAINING, VIDEO_TASK: Feature.VIDEO}


@dataclass(frozen=True)
class Order:
    """One run to be made.

    `submit_key` is unique among the person's runs: whoever sends the same one again gets the first run. An order of
    the API's names its key; one by a test key is free, whatever the quote says.
    """

    user: User
    params: Params
    quote: Quote
    served_by: str
    submit_key: str
    api_key: ApiKey | None = None
    # Of the request as it was sent: tells a repetition from another request under the same key.
    digest: str = ""
    ref: str = ""
    cancel_after: datetime | None = None
    # Each picture's own, where they are those of an earlier run; None: to be chosen.
    words: Words | None = None
    # Of its run; a run with another id is one that was there before.
    id: uuid.UUID = field(default_factory=uuid7)

    @property
    def product(self) -> Product:
        """Which of the person's wallets pays."""
        return Product.API if self.api_key else Product.SITE

    @property
    def is_test(self) -> bool:
        """Whether it costs nothing."""
        return self.api_key is not None and self.api_key.is_test

    @property
    def is_training(self) -> bool:
        """Whether a model is to be trained; no picture comes of it."""
        return self.params.task == TRAINING

    @property
    def credits_per_image(self) -> int:
        """The price of each picture."""
        return 0 if self.is_test else self.quote.credits_per_image

    @property
    def description(self) -> str:
        """What the ledger's line says."""
        if self.params.task == VIDEO_TASK:
            return VIDEO
        if self.is_training:
            return TRAINING_OF_A_MODEL
        count, is_drawn = self.params.num_images, self.params.task == TextToImageParams.task
        words = (FROM_TEXT if is_drawn else BY_TASK)[count != 1]
        return words % {"count": count, "task": TASK_NAMES[self.params.task].lower()}

    def new_job(self) -> Job:
        """Return the run, unsaved.

        Raises: InvalidParams where a prompt's alternatives are out of bounds, TaskOff where an operator turned it off.
        """
        if feature := _SWITCHED.get(self.params.task):
            try:
                switches.check(feature)
            except FeatureOff as error:
                raise TaskOff([FieldError("form", str(error), error.code)]) from None
        settings = _with_seed(self.params)
        return Job(
            id=self.id,
            user=self.user,
            submit_key=self.submit_key,
            request_digest=self.digest,
            product=self.product,
            api_key=self.api_key,
            is_test=self.is_test,
            ref=self.ref,
            cancel_after=self.cancel_after,
            task=self.params.task,
            model=self.params.model,
            served_by=self.served_by,
            params=settings,
            words=self._words(settings),
            num_images=self.params.num_images,
            credits_per_image=self.credits_per_image,
            pricing_version=self.quote.version,
            batch_key=self.params.batch_key(self.served_by),
        )

    def new_inputs(self, job: Job) -> list[JobInput]:
        """Return what the run begins from, unsaved."""
        return [_input(job, picture) for picture in self.params.inputs()]

    def _words(self, settings: dict[str, Any]) -> Words:
        if self.words is not None:
            return self.words
        return picture_words.words_for(self.user, settings, catalog.MODELS[self.served_by])


def _input(job: Job, picture: Picture) -> JobInput:
    source = picture.source
    return JobInput(
        job=job,
        role=picture.role,
        kind=source.kind,
        image_id=source.id if source.kind == JobInput.Kind.IMAGE else None,
        upload_id=source.id if source.kind == JobInput.Kind.UPLOAD else None,
        origin_id=source.origin,
        source_id=source.id,
        sha256=source.sha256,
        width=source.width,
        height=source.height,
        placeholder=source.placeholder,
        licence=_licence_of(source),
    )


def _licence_of(source: Source) -> str:
    """Return what a picture counts as in what is made from it: bought in a test shop, it is nothing in a real one."""
    return Licence.PERSONAL if source.is_test and not licences.is_test() else source.licence


def _with_seed(params: Params) -> dict[str, Any]:
    """Return the settings to store; a missing seed is drawn here, so that a retry draws the same pictures."""
    values = params.as_dict()
    if values["seed"] is None:
        values["seed"] = random.SystemRandom().randint(0, SEED_MAX)
    return values
