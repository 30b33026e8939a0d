"""With what pictures were drawn, and pictures drawn again to compare."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_notification_choices'),
        ('billing', '0009_automatic_top_ups'),
        ('generation', '0024_erasures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('facts', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Reproduction',
            fields=[
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reproduction', serialize=False, to='generation.job')),
                ('max_difference', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('psnr', models.FloatField(blank=True, null=True)),
                ('ssim', models.FloatField(blank=True, null=True)),
                ('pixels_sha256', models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='job',
            name='job_free_only_in_test',
        ),
        migrations.AddField(
            model_name='image',
            name='pixels_sha256',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='jobinput',
            name='sha256',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddConstraint(
            model_name='job',
            constraint=models.CheckConstraint(condition=models.Q(('hold__isnull', False), ('is_test', True), ('task', 'reproduction'), _connector='OR'), name='job_free_only_in_test'),
        ),
        migrations.AddField(
            model_name='image',
            name='environment',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='generation.environment'),
        ),
        migrations.AddField(
            model_name='reproduction',
            name='environment',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='generation.environment'),
        ),
        migrations.AddField(
            model_name='reproduction',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reproductions', to='generation.image'),
        ),
        migrations.AddConstraint(
            model_name='reproduction',
            constraint=models.CheckConstraint(condition=models.Q(('max_difference__isnull', True), ('max_difference__lte', 255), _connector='OR'), name='reproduction_difference_in_bounds'),
        ),
    ]
