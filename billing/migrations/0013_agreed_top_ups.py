from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_note_given_plans")]

    operations = [
        migrations.AddField("autotopup", "credits", models.PositiveIntegerField(db_default=0)),
        migrations.AddField("autotopup", "price_cents", models.PositiveIntegerField(db_default=0)),
        migrations.AddField("autotopup", "currency", models.CharField(db_default="usd", max_length=3)),
    ]
