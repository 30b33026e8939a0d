"""Each picture's own words, and people's own lists of words.

On SQLite the pictures' table is copied for its new column, and the copy has no triggers: they are put back.
"""

import accounts.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from generation import written_once


COLUMNS = ("plan", "licence", "model_licence", "sha256")


def install(apps, schema_editor):
    written_once.install(schema_editor.connection, COLUMNS)


def remove(apps, schema_editor):
    written_once.remove(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0008_index_waiting_runs_by_user'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(remove, install),
        migrations.AddField(
            model_name='image',
            name='words',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='job',
            name='words',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.CreateModel(
            name='WordList',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
                ('entries', models.JSONField(default=list)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='word_lists', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'name'), name='word_list_one_per_name')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
