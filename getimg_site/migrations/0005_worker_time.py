"""How long workers were up, by day and host."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("getimg_site", "0004_cluster_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="WorkerTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cluster", models.CharField(max_length=20)),
                ("host", models.CharField(max_length=64)),
                ("on", models.DateField()),
                ("seconds", models.FloatField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("cluster", "on", "host"), name="worker_time_one_a_day")
                ],
            },
        ),
    ]
