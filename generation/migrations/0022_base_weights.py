"""Remember which weights of its base a person's model was made for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0021_publications"),
    ]

    operations = [
        migrations.AddField(
            model_name="custommodel",
            name="base_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
