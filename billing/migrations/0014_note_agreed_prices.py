"""Top-ups asked for before their price was noted: their owners saw the pack as it has been until now."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def note_agreed(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    top_ups = apps.get_model("billing", "AutoTopUp").objects
    for pack in apps.get_model("billing", "Pack").objects.all():
        agreed = {"credits": pack.credits, "price_cents": pack.price_cents, "currency": pack.currency}
        top_ups.filter(pack=pack, price_cents=0).update(**agreed)


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_agreed_top_ups")]
    operations = [migrations.RunPython(note_agreed, migrations.RunPython.noop)]
