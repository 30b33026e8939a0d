"""Offer `midjourney`, the name in the API guide, served by the starter model until the operator changes it."""

from django.db import migrations


def seed(apps, schema_editor):
    alias = apps.get_model("generation", "ModelAlias")
    alias.objects.get_or_create(slug="midjourney", defaults={"target": "starter"})


class Migration(migrations.Migration):
    dependencies = [("generation", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
