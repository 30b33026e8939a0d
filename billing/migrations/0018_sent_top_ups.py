"""Whether the shop was asked for a top-up, and by which card. Those that are there may have been."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0017_audits_by_commands")]

    operations = [
        migrations.AddField("topup", "is_sent", models.BooleanField(db_default=True, default=False)),
        migrations.AddField("topup", "card_id", models.CharField(blank=True, db_default="", default="", max_length=64)),
        # Choices are not the database's.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "topup",
                    "status",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for"),
                            ("paid", "Paid"),
                            ("declined", "Declined"),
                            ("unclear", "No answer"),
                            ("dropped", "Not charged"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
            ]
        ),
    ]
