"""Files of any kind that is taken come with reports, and people without an account send them, too."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("getimg_site", "0001_wishes_and_bug_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel(old_name="BugReportPicture", new_name="BugReportFile"),
        migrations.AlterField(
            model_name="bugreportfile",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="files", to="getimg_site.bugreport"
            ),
        ),
        migrations.AddField(
            model_name="bugreportfile",
            name="name",
            field=models.CharField(default="picture.png", max_length=100),
        ),
        migrations.AddField(
            model_name="bugreportfile",
            name="content_type",
            field=models.CharField(default="image/png", max_length=40),
        ),
        migrations.AlterField(
            model_name="bugreport",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(model_name="bugreport", name="email", field=models.EmailField(blank=True, max_length=254)),
        migrations.AddConstraint(
            model_name="bugreport",
            constraint=models.CheckConstraint(
                condition=models.Q(("author__isnull", False), models.Q(("email", ""), _negated=True), _connector="OR"),
                name="bug_report_can_be_answered",
            ),
        ),
    ]
