"""The rules of moderation in the admin: a row a category, and a box to try a text in."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from generation import moderation, policy_rules
from generation.models import PolicyRule
from generation.moderation_rules import HARMLESS
from generation.policy_forms import PolicyRuleForm

_TRIED_MAX_LENGTH = 2000


@admin.register(PolicyRule)
class PolicyRuleAdmin(admin.ModelAdmin[PolicyRule]):
    """One row for each category, and one for the harmless phrases; none is added or deleted."""

    form = PolicyRuleForm
    change_list_template = "admin/generation/policy_rules.html"
    list_display = ("category", "name", "in_force", "bound", "more", "changed_at")
    readonly_fields = ("name", "in_force", "bound", "changed_at")
    ordering = ("category",)

    def get_fields(self, request: HttpRequest, obj: PolicyRule | None = None) -> Any:
        """Harmless phrases have neither action nor threshold."""
        if obj is not None and obj.category == HARMLESS:
            return ("name", "terms", "left_out", "changed_at")
        return (
            *("name", ("in_force", "bound"), "action", "threshold", "image_threshold"),
            *("terms", "hints", "left_out", "changed_at"),
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List every category, those too that nobody has touched; judge a text that is tried."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        rows = [PolicyRule(category=key) for key in (*moderation.policy().categories, HARMLESS)]
        PolicyRule.objects.bulk_create(rows, ignore_conflicts=True)
        context: dict[str, Any] = {"title": gettext("Moderation rules"), "tried_max_length": _TRIED_MAX_LENGTH}
        tried = request.POST.get("tried", "")[:_TRIED_MAX_LENGTH] if "try" in request.POST else ""
        if tried:
            context |= {"tried": tried, **self._judge(tried)}
            request.method = "GET"  # the list below it is no action's
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: PolicyRule, form: Any, change: bool) -> None:
        """Change it; this process knows at once, the others within seconds."""
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)
        policy_rules.memory.forget()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PolicyRule | None = None) -> bool:
        return False

    def _judge(self, text: str) -> dict[str, Any]:
        """Return what the policy in force says of a text. Nothing of it is kept."""
        policy_rules.memory.forget()
        policy = moderation.policy()
        action, decisive = policy.verdict(text)
        found = [
            {
                "finding": finding,
                "name": moderation.category_name(finding.category),
                "rule": policy.categories[finding.category],
            }
            for finding in policy.rules.find(text)
        ]
        return {"verdict": PolicyRule.Action(action).label, "decisive": decisive, "found": found}

    @admin.display(description=gettext_lazy("what it is"))
    def name(self, rule: PolicyRule) -> str:
        if rule.category == HARMLESS:
            return gettext("phrases in which words mean something else")
        return moderation.category_name(rule.category)

    @admin.display(description=gettext_lazy("done now"))
    def in_force(self, rule: PolicyRule) -> str:
        found = moderation.policy().categories.get(rule.category)
        return str(PolicyRule.Action(found.action).label) if found else "—"

    @admin.display(description=gettext_lazy("threshold now"))
    def bound(self, rule: PolicyRule) -> str:
        found = moderation.policy().categories.get(rule.category)
        return f"{found.threshold:g}" if found else "—"

    @admin.display(description=gettext_lazy("own words"))
    def more(self, rule: PolicyRule) -> int:
        return sum(len(text.splitlines()) for text in (rule.terms, rule.hints))
