"""What moderation refused or was told of."""

import accounts.ids
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0025_reproducibility'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ModerationCase',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('prompt', 'Prompt'), ('text', 'Text for others'), ('result', 'Picture that was made'), ('upload', 'Picture that was brought'), ('publication', 'Picture that is shown')], max_length=12)),
                ('action', models.CharField(choices=[('blocked', 'Refused'), ('flagged', 'Let through, to be looked at'), ('reported', 'Reported by others')], max_length=8)),
                ('category', models.CharField(max_length=24)),
                ('score', models.FloatField(default=0)),
                ('found', models.CharField(blank=True, max_length=300)),
                ('text', models.TextField(blank=True)),
                ('place', models.CharField(blank=True, max_length=24)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('times', models.PositiveIntegerField(default=1)),
                ('withheld', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('last_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('appeal', models.CharField(blank=True, max_length=1000)),
                ('appealed_at', models.DateTimeField(blank=True, null=True)),
                ('is_waiting', models.BooleanField(default=False, verbose_name='waits for a decision')),
                ('decision', models.CharField(blank=True, choices=[('', 'Not decided'), ('upheld', 'Not allowed'), ('passed', 'Allowed')], default='', max_length=8)),
                ('reason', models.CharField(blank=True, max_length=1000)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('image', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='moderation_cases', to='generation.image')),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='generation.job')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='moderation_cases', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='moderation_case_by_user'), models.Index(condition=models.Q(('is_waiting', True)), fields=['-last_at'], name='moderation_case_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('digest', ''), _negated=True), fields=('user', 'kind', 'digest'), name='moderation_case_once'), models.UniqueConstraint(condition=models.Q(('is_waiting', True), ('kind', 'publication')), fields=('image',), name='moderation_case_once_open')],
            },
        ),
    ]
