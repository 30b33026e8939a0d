"""The same picture may be there twice: brought by a test key, and otherwise."""

from django.db import migrations, models

from accounts.online_migrations import AddConstraintOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("generation", "0044_files_of_test_keys")]
    operations = [
        AddConstraintOnline(
            model_name="upload",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("user", "kind", "is_test", "sha256"),
                name="upload_once_a_side",
            ),
        ),
        # Last: until then two at once are kept apart by it.
        migrations.RemoveConstraint(model_name="upload", name="upload_once"),
    ]
