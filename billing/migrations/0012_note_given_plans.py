"""Plans that the team gave before they were noted: whoever is on one without a subscription that runs keeps it."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Exists, F, OuterRef

# As `Subscription.RUNNING` is at this migration.
RUNNING = ("active", "trialing", "past_due")


def note_given(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    paid = apps.get_model("billing", "Subscription").objects.filter(
        user=OuterRef("user"), is_duplicate=False, ended_at__isnull=True, status__in=RUNNING
    )
    wallets = apps.get_model("billing", "Wallet").objects.filter(~Exists(paid), plan__isnull=False, given_plan=None)
    wallets.exclude(plan="free").update(given_plan=F("plan"))


class Migration(migrations.Migration):
    dependencies = [("billing", "0011_given_plans")]
    operations = [migrations.RunPython(note_given, migrations.RunPython.noop)]
