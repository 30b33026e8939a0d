"""Note which of people's own models each run drew with, and find the models of a person in an index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_answered_reports"),
        ("billing", "0014_note_agreed_prices"),
        ("generation", "0035_expiry_of_the_apis_pictures"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="JobLora",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["user", "served_by"], name="job_by_model"),
        ),
        migrations.AddField(
            model_name="joblora",
            name="job",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lora_uses",
                to="generation.job",
            ),
        ),
        migrations.AddField(
            model_name="joblora",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="generation.custommodel"
            ),
        ),
        migrations.AddField(
            model_name="joblora",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="joblora",
            index=models.Index(fields=["user", "model", "job"], name="job_lora_by_user"),
        ),
        migrations.AddConstraint(
            model_name="joblora",
            constraint=models.UniqueConstraint(fields=("job", "model"), name="job_lora_once"),
        ),
    ]
