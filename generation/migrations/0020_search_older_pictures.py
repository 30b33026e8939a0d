"""Makes the pictures findable that were there before; apart from the tables, for it may take its time."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from generation import search_words

CHUNK = 1000


def index(apps: StateApps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the words of pictures that have none."""
    image_model, text_model = apps.get_model("generation", "Image"), apps.get_model("generation", "SearchText")
    rows = []
    for image in image_model.objects.filter(search_text__isnull=True).select_related("job").iterator(CHUNK):
        prompt = image.words[0] if image.words else image.job.params.get("prompt", "")
        words = search_words.marked(image.user_id, [str(prompt)])
        rows.append(text_model(image_id=image.pk, user_id=image.user_id, words=words))
        if len(rows) == CHUNK:
            text_model.objects.bulk_create(rows)
            rows = []
    text_model.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("generation", "0019_library")]
    operations = [migrations.RunPython(index, migrations.RunPython.noop)]
