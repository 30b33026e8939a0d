import generation.models.webhook
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0009_picture_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='webhookendpoint',
            name='is_test',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.RenameField(model_name='webhookendpoint', old_name='secret', new_name='sealed_secret'),
        migrations.RenameField(
            model_name='webhookendpoint', old_name='previous_secret', new_name='sealed_previous_secret'
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='sealed_secret',
            field=models.CharField(
                default=generation.models.webhook.new_sealed_secret, editable=False, max_length=300
            ),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='sealed_previous_secret',
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
    ]
