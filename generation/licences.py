"""What may be done with a picture, in one place: by the service's licence, by the model's, and what to do for more.

The service's licence comes from the plan in force when the picture is stored, the model's from the catalogue;
commercial use needs both, and of a picture that was made from others, that each of them may be used so, too. It is
written on the picture's row then and never changes, so a plan that lapses takes nothing back. What is made through
the API is paid for by itself, whatever plan its owner is on; a test key pays nothing.
"""

import uuid
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import gettext_noop

from billing import plans
from billing.models import FREE, Plan, Product, Wallet
from generation import catalog
from generation.engine.options import GREY_ROLES
from generation.models import Image, Job, JobInput, Licence

TEST_NOTICE = "TEST SHOP – not a licence"
# What stands in a plan's place for pictures of the API: slug and name.
API_PLAN = ("api", "API")
API_TEST_PLAN = ("api-test", "API test key")
# The one task that begins from no picture.
_FROM_WORDS = "text-to-image"


# As certificates say it; `getimg_site.kept_words` reads it on pages in other languages.
COMMERCIAL = gettext_noop("You may sell it, print it, advertise with it. That stays so when your plan ends.")
COMMERCIAL_API = gettext_noop("You may sell it, print it, advertise with it. That stays so.")
PERSONAL = gettext_noop("Look at it, keep it, show it to others. It may not be sold or used for a business.")
BROUGHT = gettext_noop(
    "It was made from a picture that its owner brought along, and says nothing of the rights in that one."
)
FROM_PERSONAL = gettext_noop("It was made from a picture that is for personal use, and so is it.")
BY_TEST_KEY = gettext_noop("Made with a test key.")
BY_LIVE_KEY = gettext_noop("Made through the API, paid with API credits.")
ON_PLAN = gettext_noop("Made on the %(plan)s plan.")
MODEL_FORBIDS = gettext_noop("The licence of %(model)s allows no commercial use, whatever the plan.")
MODEL_FORBIDS_API = gettext_noop("The licence of %(model)s allows no commercial use, whatever the key.")
TAKE_ANOTHER_MODEL = gettext_noop("For commercial use, make a picture with another model on a paid plan.")
TAKE_ANOTHER_MODEL_API = gettext_noop("For commercial use, make a picture with another model and a live key.")
BEGIN_AGAIN = gettext_noop(
    "For commercial use, make the picture that it came from again on a paid plan, with a model that allows it, and go "
    "on from that one."
)
BEGIN_AGAIN_API = gettext_noop(
    "For commercial use, make the picture that it came from again with a live key and a model that allows it, and go "
    "on from that one."
)
TAKE_A_LIVE_KEY = gettext_noop("Pictures made with a live key may be used commercially. Make this one again with one.")
TAKE_A_PLAN = gettext_noop(
    "Pictures made on a paid plan may be used commercially. For this one, choose a plan and make it again: everything "
    "is remembered."
)


@dataclass(frozen=True)
class Terms:
    """What one picture may be used for.

    `licence` is what counts; `plan_is_commercial` and `model_licence` tell why.
    """

    licence: Licence
    plan: str
    plan_name: str
    model: str
    model_name: str
    model_licence: catalog.Licence
    # Made where the shop takes no real money: nothing of it is a licence.
    is_test: bool
    # Made from a picture that was for personal use; and from one that was brought along.
    is_from_personal: bool = False
    is_from_brought: bool = False

    @property
    def is_commercial(self) -> bool:
        """Whether the picture may earn money."""
        return self.licence == Licence.COMMERCIAL

    @property
    def plan_kind(self) -> str:
        """What sort of plan it was made on, as strangers are told."""
        kinds = {FREE: "The free plan", API_PLAN[0]: "The API", API_TEST_PLAN[0]: "A test key of the API"}
        return kinds.get(self.plan, "A paid plan")

    @property
    def title(self) -> str:
        """The licence in two words."""
        return str(self.licence.label)

    @property
    def meaning(self) -> str:
        """What that means, in a sentence."""
        if self.is_commercial:
            return COMMERCIAL_API if self._is_of_api else COMMERCIAL
        return PERSONAL

    @property
    def grant(self) -> str:
        """What that means, as a certificate says it of its owner."""
        if self.is_commercial:
            stays = f"{BY_LIVE_KEY} That stays so." if self._is_of_api else "This stays so when the plan ends."
            return (
                "The owner may use this picture commercially: sell it, print it, advertise with it. "
                f"{stays} {self.caveat}"
            ).rstrip()
        because = f" {self.reason}" if self._model_forbids or self.is_from_personal else ""
        return f"This picture is for personal use.{because} It may not be sold or used for a business."

    @property
    def caveat(self) -> str:
        """What this licence cannot say; empty where there is nothing of the kind."""
        if not self.is_from_brought:
            return ""
        return BROUGHT

    @property
    def reason(self) -> str:
        """Where the licence comes from."""
        if self.is_from_personal and not self._model_forbids:
            return FROM_PERSONAL
        if self.is_commercial or not self._model_forbids:
            of_keys = {API_PLAN[0]: BY_LIVE_KEY, API_TEST_PLAN[0]: BY_TEST_KEY}
            return of_keys.get(self.plan) or ON_PLAN % {"plan": self.plan_name}
        return (MODEL_FORBIDS_API if self._is_made_by_key else MODEL_FORBIDS) % {"model": self.model_name}

    @property
    def way_on(self) -> str:
        """What to do for commercial use; empty where it is allowed already.

        Pictures of the API are paid with its credits, so it is a live key that frees them and no plan.
        """
        if self.is_commercial:
            return ""
        if self._model_forbids:
            return TAKE_ANOTHER_MODEL_API if self._is_made_by_key else TAKE_ANOTHER_MODEL
        if self.is_from_personal:
            return BEGIN_AGAIN_API if self._is_made_by_key else BEGIN_AGAIN
        return TAKE_A_LIVE_KEY if self._is_made_by_key else TAKE_A_PLAN

    @property
    def _is_of_api(self) -> bool:
        return self.plan == API_PLAN[0]

    @property
    def _is_made_by_key(self) -> bool:
        return self.plan in (API_PLAN[0], API_TEST_PLAN[0])

    @property
    def _model_forbids(self) -> bool:
        return not self.model_licence.commercial


def terms_now(user_id: uuid.UUID, model: str) -> Terms:
    """Return what a picture made on the site at this moment may be used for; `model` is the slug of what drew it."""
    return _terms(*_plan_in_force(user_id), model)


def terms_for(job: Job) -> Terms:
    """Return what a picture that a run makes at this moment may be used for: never more than what it was made from."""
    if job.product == Product.API:
        terms = _terms(*(API_TEST_PLAN if job.is_test else API_PLAN), not job.is_test, job.served_by)
    else:
        terms = terms_now(job.user_id, job.served_by)
    is_from_personal, is_from_brought = _descent(job)
    terms = replace(terms, is_from_personal=is_from_personal, is_from_brought=is_from_brought)
    return replace(terms, licence=Licence.PERSONAL) if is_from_personal else terms


def _terms(plan: str, plan_name: str, plan_is_commercial: bool, model: str) -> Terms:
    model_licence = catalog.licence_of(model)
    licence = Licence.COMMERCIAL if plan_is_commercial and model_licence.commercial else Licence.PERSONAL
    return Terms(licence, plan, plan_name, model, _model_name(model), model_licence, is_test())


def terms_of(image: Image) -> Terms:
    """Return what was written on a picture's row when it was made. Reads its run."""
    slug = image.job.served_by
    model_licence = catalog.LICENCES.get(image.model_licence) or catalog.licence_of(slug)
    licence, plan_name, model_name = Licence(image.licence), _plan_name(image.plan), _model_name(slug)
    return Terms(licence, image.plan, plan_name, slug, model_name, model_licence, image.is_test, *_descent(image.job))


def _descent(job: Job) -> tuple[bool, bool]:
    """Return whether a run began from a picture of personal use, and from one that was brought along.

    Of rows from before licences were written down, their picture tells it.
    """
    if job.task == _FROM_WORDS:
        return False, False
    inputs = JobInput.objects.filter(job=job).exclude(role__in=GREY_ROLES)
    found = inputs.values_list("kind", "licence", "image__licence")
    made = [own or now or Licence.PERSONAL for kind, own, now in found if kind == JobInput.Kind.IMAGE]
    return Licence.PERSONAL in made, len(made) < len(found)


def is_test() -> bool:
    """Whether the shop takes no real money now, so that nothing it sells is a licence: the test shop, or a test key.

    Of a picture that is made already, its row says it (`Terms.is_test`).
    """
    return settings.TEST_SHOP or settings.STRIPE_SECRET_KEY.startswith(("sk_test_", "rk_test_"))


def _plan_in_force(user_id: uuid.UUID) -> tuple[str, str, bool]:
    """Return the plan's slug and name, and whether it is commercial; asked for every picture, so not by whole rows."""
    wallets = Wallet.objects.filter(user=user_id, product=Product.SITE)
    for slug, name, is_commercial in wallets.values_list("plan", "plan__name", "plan__is_commercial"):
        if slug and name:
            return slug, name, bool(is_commercial)
    free = plans.free()
    return free.slug, free.name, free.is_commercial


def _plan_name(slug: str) -> str:
    for api_slug, name in (API_PLAN, API_TEST_PLAN):
        if slug == api_slug:
            return name
    plan = Plan.objects.filter(pk=slug).first()
    return plan.name if plan else slug


def _model_name(slug: str) -> str:
    model = catalog.MODELS.get(slug)
    return model.name if model else slug
