"""Index what the broker looks for: the oldest unlocked task of a queue."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0002_seed_aliases"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX getimg_ormq_waiting ON django_q_ormq (key, lock)",
            "DROP INDEX getimg_ormq_waiting",
        )
    ]
