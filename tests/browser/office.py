"""The admin's own pages with something on each, and an operator who may see them all."""

from accounts.models import AuditLine, FeatureSwitch, User
from billing import ledger
from generation.models import ModelSwitch
from tests.browser.test_security import PASSWORD
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.test_moderation_queue import refused

OPERATOR = "root@example.com"


def make_operator() -> User:
    """Create who may do everything."""
    return User.objects.create_superuser(OPERATOR, PASSWORD)


def own_pages(person: User) -> list[str]:
    """Return the addresses of the pages of the admin that are ours, each with something on it."""
    run = draw(person).job
    case = refused(make_person("eve@example.com"))
    wallet = ledger.wallet_of(person)
    FeatureSwitch.objects.update_or_create(feature="video", defaults={"state": "off", "reason": "We move."})
    ModelSwitch.objects.update_or_create(slug="starter")
    operator = User.objects.get(email=OPERATOR)
    AuditLine.objects.create(actor=operator.pk, verb="change", kind="accounts.user", object_id=str(person.pk))
    return [
        "/admin/",
        f"/admin/accounts/user/{person.pk}/view-as/",
        f"/admin/billing/wallet/{wallet.pk}/credits/",
        f"/admin/billing/wallet/{wallet.pk}/plan/",
        "/admin/billing/wallet/money/",
        f"/admin/generation/job/{run.pk}/change/",
        f"/admin/generation/job/{run.pk}/refund/",
        "/admin/generation/moderationcase/",
        f"/admin/generation/moderationcase/{case.pk}/change/",
        "/admin/accounts/featureswitch/",
        "/admin/accounts/featureswitch/video/change/",
        "/admin/generation/modelswitch/",
        "/admin/generation/modelswitch/starter/change/",
        "/admin/accounts/auditline/",
    ]
