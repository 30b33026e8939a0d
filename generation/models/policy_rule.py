"""What operators changed of the moderation's rules, a row a category. Read from memory by `policy_rules`."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.moderation_rules import RuleChange


class PolicyRule(models.Model):
    """One category, or the harmless phrases. What is empty is as shipped and as the settings have it."""

    class Action(models.TextChoices):
        """What is done; empty: as set."""

        BLOCK = "block", _("Block: refused, with a way to appeal")
        FLAG = "flag", _("Flag: drawn, and put into the queue")
        ALLOW = "allow", _("Allow: not looked at")

    category = models.CharField(max_length=40, primary_key=True, editable=False)
    action = models.CharField(_("action"), max_length=5, choices=Action.choices, blank=True)
    threshold = models.FloatField(_("threshold of words"), null=True, blank=True)
    image_threshold = models.FloatField(_("threshold of pictures"), null=True, blank=True)
    # One word or phrase a line, as in moderation_rules.toml.
    terms = models.TextField(_("more words"), blank=True)
    hints = models.TextField(_("more hints"), blank=True)
    left_out = models.TextField(_("shipped words that do not count"), blank=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("moderation rule")
        verbose_name_plural = _("moderation rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(threshold__isnull=True) | Q(threshold__gt=0, threshold__lte=100),
                name="policy_rule_threshold_in_bounds",
                violation_error_message=_("A threshold of words is above 0 and at most 100."),
            ),
            models.CheckConstraint(
                condition=Q(image_threshold__isnull=True) | Q(image_threshold__gt=0, image_threshold__lte=1),
                name="policy_rule_image_threshold_in_bounds",
                violation_error_message=_("A threshold of pictures is above 0 and at most 1."),
            ),
        ]

    def __str__(self) -> str:
        return self.category

    @property
    def change(self) -> RuleChange:
        """What it changes, as the rules read it."""
        terms, hints, left_out = (tuple(text.splitlines()) for text in (self.terms, self.hints, self.left_out))
        return (self.category, self.action, self.threshold, self.image_threshold, terms, hints, left_out)
