"""What operators changed of the rules of moderation: a row a category."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("generation", "0037_note_models_of_earlier_runs"),
    ]

    operations = [
        migrations.CreateModel(
            name="PolicyRule",
            fields=[
                ("category", models.CharField(editable=False, max_length=40, primary_key=True, serialize=False)),
                (
                    "action",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("block", "Block: refused, with a way to appeal"),
                            ("flag", "Flag: drawn, and put into the queue"),
                            ("allow", "Allow: not looked at"),
                        ],
                        max_length=5,
                        verbose_name="action",
                    ),
                ),
                ("threshold", models.FloatField(blank=True, null=True, verbose_name="threshold of words")),
                ("image_threshold", models.FloatField(blank=True, null=True, verbose_name="threshold of pictures")),
                ("terms", models.TextField(blank=True, verbose_name="more words")),
                ("hints", models.TextField(blank=True, verbose_name="more hints")),
                ("left_out", models.TextField(blank=True, verbose_name="shipped words that do not count")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "moderation rule",
                "verbose_name_plural": "moderation rules",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("threshold__isnull", True),
                            models.Q(("threshold__gt", 0), ("threshold__lte", 100)),
                            _connector="OR",
                        ),
                        name="policy_rule_threshold_in_bounds",
                        violation_error_message="A threshold of words is above 0 and at most 100.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("image_threshold__isnull", True),
                            models.Q(("image_threshold__gt", 0), ("image_threshold__lte", 1)),
                            _connector="OR",
                        ),
                        name="policy_rule_image_threshold_in_bounds",
                        violation_error_message="A threshold of pictures is above 0 and at most 1.",
                    ),
                ],
            },
        ),
    ]
