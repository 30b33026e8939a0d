"""Writes the words of every picture anew, with the stems that search finds other forms by; in pieces, each by itself."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from generation import search_words

CHUNK = 1000


def index(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write them, in the order of their rows: begun again, it does no harm."""
    text_model = apps.get_model("generation", "SearchText")
    after = 0
    found = text_model.objects.select_related("image__job").prefetch_related("image__tags").order_by("pk")
    while rows := list(found.filter(pk__gt=after)[:CHUNK]):
        for row in rows:
            image = row.image
            prompt = image.words[0] if image.words else image.job.params.get("prompt", "")
            tags = [tag.name for tag in image.tags.all()]
            row.words = search_words.marked(row.user_id, [str(prompt), image.alt_text, *tags])
        text_model.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["image"], update_fields=["words"]
        )
        after = rows[-1].pk


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("generation", "0026_moderation_cases")]
    # Back again there are words too many, which no search asks for.
    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
