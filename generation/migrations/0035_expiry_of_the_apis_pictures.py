"""Note apart when somebody was told of the pictures that the API made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0034_outcomes_of_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="expirymail",
            name="api_sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="expirymail",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
