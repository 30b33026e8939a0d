"""Order the training of a person's own model: what can be trained, what it costs, the run that does it.

What pictures must be is `preflight`'s, what the model becomes `custom_models`', the training itself
`training_worker`'s.
"""

import random

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from generation import catalog, custom_models, doorbell, lifecycle, moderation, preflight, pricing
from generation.catalog import CatalogModel
from generation.errors import ContentRefused, CustomModelRefused
from generation.models import CustomModel, Job, QueueSwitch
from generation.params.dreambooth import DreamBoothParams
from generation.training_recipes import recipe_for

PRICE_CREDITS = pricing.TRAINING_CREDITS
_SEED_MAX = 2**31 - 1


def is_trainable(model: CatalogModel) -> bool:
    """Whether a subject can be taught to this model here."""
    return model.is_installed and recipe_for(model) is not None


def is_paused() -> bool:
    """Whether an operator lets trainings wait; those that are ordered now begin later."""
    return QueueSwitch.paused(doorbell.TRAINING_CLUSTER)


def start(model: CustomModel, user: User, key: str) -> Job:
    """Set the price aside, put the training in its queue and the model into training; one transaction.

    The same key again returns the first training. The draft is looked at before, and once more behind its lock: what
    was looked at is what is learned. Nothing is charged where it raises.

    Raises: InsufficientCredits, QueueFull, ModelUnknown, ModelUnavailable, CustomModelRefused for a draft that is not
    fit or a base that is not trained, CustomModelGone, OSError.
    """
    report = preflight.check(model)
    _check_words(model, user)
    base = catalog.resolve(model.base_model).model
    recipe = recipe_for(base, steps=settings.TRAINING_STEPS)
    if recipe is None:
        raise CustomModelRefused(
            "base_model", gettext("%(name)s cannot be trained. Choose another base.") % {"name": base.name}
        )
    params = DreamBoothParams(
        prompt="",
        model=base.slug,
        width=recipe.resolution,
        height=recipe.resolution,
        num_images=1,
        num_inference_steps=recipe.steps,
        guidance_scale=base.default_guidance,
        scheduler=base.schedulers[0],
        seed=random.SystemRandom().randint(0, _SEED_MAX),
    )
    with transaction.atomic():
        job = lifecycle.submit_training(user, params, key=f"{model.pk}:{key}")
        if not CustomModel.objects.filter(pk=model.pk, job=job).exists():
            if not job.is_active:
                # A page that was left open, from before a training that was canceled since.
                raise CustomModelRefused(
                    "form", gettext("This page is older than its model. Reload it and press again.")
                )
            custom_models.begin(model, job)
            preflight.confirm(report, model)
    return job


def _check_words(model: CustomModel, user: User) -> None:
    """Refuse a name, a word or captions that the policy does not allow. Raises: CustomModelRefused."""
    places = {"name": [model.name], "trigger_word": [model.trigger_word]}
    places["pictures"] = [caption for caption in model.pictures.values_list("caption", flat=True) if caption]
    for place, texts in places.items():
        try:
            moderation.check_shown(user, place, *texts)
        except ContentRefused as error:
            raise CustomModelRefused(place, moderation.said(error)) from error
