"""The plan that every wallet is on from the next migration on. All others are seeded after migrating (`plans.seed`)."""

from django.db import migrations

FREE = {"name": "Free", "monthly_credits": 100, "jobs_at_once": 1, "models_stored": 1, "retention_days": 90}


def seed(apps, schema_editor):
    apps.get_model("billing", "Plan").objects.get_or_create(slug="free", defaults=FREE)


class Migration(migrations.Migration):
    dependencies = [("billing", "0003_plans")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
