"""The same picture may be there twice: brought by a test key, and otherwise.

While processes of the release before still run, they know no sides: what a test key sends them is kept on the live
side, or answered with the id of a live file, and is not there for test keys later. Once a picture lies on both sides,
this cannot be reversed: the constraint from before holds each to be there once.
"""

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
