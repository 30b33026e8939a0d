"""Encrypt the webhook secrets that were kept as they are, in place."""

from django.db import migrations

from generation import sealing

_FIELDS = ("sealed_secret", "sealed_previous_secret")
_PLAIN = "whsec_"


def seal(apps, schema_editor):
    for endpoint in apps.get_model("generation", "WebhookEndpoint").objects.iterator():
        for name in _FIELDS:
            if getattr(endpoint, name).startswith(_PLAIN):
                setattr(endpoint, name, sealing.seal(getattr(endpoint, name)))
        endpoint.save(update_fields=_FIELDS)


def unseal(apps, schema_editor):
    for endpoint in apps.get_model("generation", "WebhookEndpoint").objects.iterator():
        for name in _FIELDS:
            sealed = getattr(endpoint, name)
            if sealed and not sealed.startswith(_PLAIN):
                setattr(endpoint, name, sealing.unseal(sealed))
        endpoint.save(update_fields=_FIELDS)


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0010_sealed_webhook_secrets'),
    ]

    operations = [migrations.RunPython(seal, unseal)]
