"""Credits of the studio run low, too: the choice is called so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_answered_reports"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notificationchoice",
            name="happening",
            field=models.CharField(
                choices=[
                    ("run_done", "A run is done"),
                    ("run_failed", "A run failed"),
                    ("training_done", "A training is done"),
                    ("training_failed", "A training failed"),
                    ("low_credits", "Credits run low"),
                    ("next_grant", "Monthly credits have come"),
                    ("report_answered", "A report of yours was answered"),
                ],
                max_length=16,
            ),
        ),
    ]
