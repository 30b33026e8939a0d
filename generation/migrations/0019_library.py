"""Folders, favourites, stars, tags, descriptions, and the words that pictures are found by.

Altering the pictures' table copies it on SQLite, and the copy has no triggers: what is written once is guarded again.
"""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import accounts.ids
import generation.models.search_text
from generation import full_text, written_once


def unguard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the table be changed."""
    written_once.remove(schema_editor.connection)


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let nobody change what is written once."""
    written_once.install(schema_editor.connection, COLUMNS)


def make_searchable(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make words searchable."""
    full_text.install(schema_editor.connection)


def make_unsearchable(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Undo it."""
    full_text.remove(schema_editor.connection)


COLUMNS = ("plan", "licence", "model_licence", "is_test", "sha256")


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0018_trainings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(unguard, guard),
        migrations.CreateModel(
            name="Folder",
            fields=[
                ("id", models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("query", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("words", generation.models.search_text.WordsField()),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="image",
            name="image_trash",
        ),
        migrations.AddField(
            model_name="image",
            name="alt_text",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AddField(
            model_name="image",
            name="is_favourite",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="image",
            name="purged_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="rating",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="folder",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="folders", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="folder",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="images",
                to="generation.folder",
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="image",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="search_text", to="generation.image"
            ),
        ),
        migrations.AddField(
            model_name="searchtext",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tag",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tags",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="tags",
            field=models.ManyToManyField(blank=True, related_name="images", to="generation.tag"),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("folder__isnull", False)), fields=["folder", "-id"], name="image_in_folder"
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("is_favourite", True)),
                fields=["user", "-id"],
                name="image_favourites",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False), ("purged_at__isnull", True)),
                fields=["deleted_at"],
                name="image_trash",
            ),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False), ("purged_at__isnull", True)),
                fields=["user", "-id"],
                name="image_trash_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(condition=models.Q(("rating__lte", 5)), name="image_rating_in_bounds"),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("purged_at__isnull", True), ("deleted_at__isnull", False), _connector="OR"),
                name="image_purged_is_deleted",
            ),
        ),
        migrations.AddConstraint(
            model_name="folder",
            constraint=models.UniqueConstraint(
                models.F("user"), django.db.models.functions.text.Lower("name"), name="folder_one_per_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("user", "name"), name="tag_one_per_name"),
        ),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(make_searchable, make_unsearchable),
    ]
