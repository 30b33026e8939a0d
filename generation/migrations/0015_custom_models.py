"""People's own models: the pictures they learn from, their samples, who else may use them."""

import accounts.ids
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0014_pictures_of_test_shops'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomModel',
            fields=[
                ('id', models.UUIDField(default=accounts.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('origin', models.CharField(choices=[('trained', 'Trained here'), ('uploaded', 'Brought along')], default='trained', max_length=8)),
                ('subject_class', models.CharField(choices=[('person', 'Person'), ('pet', 'Pet'), ('object', 'Object'), ('style', 'Style')], default='object', max_length=8)),
                ('trigger_word', models.CharField(blank=True, max_length=24)),
                ('base_model', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('training', 'Training'), ('ready', 'Ready'), ('failed', 'Failed'), ('deleted', 'Deleted')], default='draft', max_length=8)),
                ('consent_text', models.TextField(blank=True)),
                ('consented_at', models.DateTimeField(blank=True, null=True)),
                ('weights', models.CharField(blank=True, max_length=200)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('size_bytes', models.PositiveBigIntegerField(default=0)),
                ('rank', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('steps_done', models.PositiveIntegerField(default=0)),
                ('steps_total', models.PositiveIntegerField(default=0)),
                ('seconds_left', models.PositiveIntegerField(blank=True, null=True)),
                ('loss_curve', models.JSONField(blank=True, default=list)),
                ('failure_reason', models.CharField(blank=True, max_length=300)),
                ('share_token', models.CharField(blank=True, max_length=43, null=True, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('job', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='custom_model', to='generation.job')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='custom_models', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CustomModelGuest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share_token', models.CharField(max_length=43)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('model', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='guests', to='generation.custommodel')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='CustomModelPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('caption', models.CharField(blank=True, max_length=200)),
                ('problems', models.JSONField(blank=True, default=list)),
                ('model', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='generation.custommodel')),
                ('upload', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='generation.upload')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='CustomModelSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter', models.PositiveSmallIntegerField()),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('prompt', models.CharField(max_length=200)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('file', models.CharField(max_length=200)),
                ('thumbnail', models.CharField(max_length=200)),
                ('placeholder', models.CharField(blank=True, max_length=600)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('model', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='generation.custommodel')),
            ],
            options={
                'ordering': ['quarter', 'position'],
            },
        ),
        migrations.AddIndex(
            model_name='custommodel',
            index=models.Index(fields=['owner', '-id'], name='custom_model_by_owner'),
        ),
        migrations.AddConstraint(
            model_name='custommodel',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('state', 'deleted'), _negated=True), models.Q(('trigger_word', ''), _negated=True)), fields=('owner', 'trigger_word'), name='custom_model_one_per_trigger_word'),
        ),
        migrations.AddConstraint(
            model_name='custommodel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ready'), _negated=True), models.Q(models.Q(('weights', ''), _negated=True), models.Q(('sha256', ''), _negated=True)), _connector='OR'), name='custom_model_ready_has_weights'),
        ),
        migrations.AddConstraint(
            model_name='custommodel',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deleted_at__isnull', False), ('state', 'deleted')), models.Q(models.Q(('state', 'deleted'), _negated=True), ('deleted_at__isnull', True)), _connector='OR'), name='custom_model_deleted_has_time'),
        ),
        migrations.AddConstraint(
            model_name='custommodelguest',
            constraint=models.UniqueConstraint(fields=('model', 'user'), name='custom_model_guest_once'),
        ),
        migrations.AddConstraint(
            model_name='custommodelpicture',
            constraint=models.UniqueConstraint(fields=('model', 'upload'), name='custom_model_picture_once'),
        ),
        migrations.AddConstraint(
            model_name='custommodelsample',
            constraint=models.UniqueConstraint(fields=('model', 'quarter', 'position'), name='custom_model_sample_once'),
        ),
    ]
