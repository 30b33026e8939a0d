"""The form of one category of the policy: what makes no sense, or would let through what endangers children, is said
at the field.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from generation import image_check, moderation, moderation_rules
from generation.models import PolicyRule
from generation.moderation_rules import HARMLESS, MINORS
from generation.moderation_text import fold

LINES_MAX, LINE_MAX_LENGTH, LINE_MIN_LENGTH = 500, 100, 3
_EACH_LINE = gettext_lazy(
    "One word or phrase a line, in small letters without accents. “porn*” is every word that begins so; “nude"
    " lipstick/heels” is both phrases."
)


class PolicyRuleForm(forms.ModelForm[PolicyRule]):
    """What an operator changes of one category."""

    class Meta:
        model = PolicyRule
        fields = ("action", "threshold", "image_threshold", "terms", "hints", "left_out")
        help_texts = {
            "action": gettext_lazy("Empty: as the settings and the shipped rules have it."),
            "threshold": gettext_lazy(
                "The sum from which the action is taken: each word counts 1, each hint 0.4. Empty: as set."
            ),
            "image_threshold": gettext_lazy("From 0 to 1: how sure the classifier must be. Empty: as set."),
            "terms": _EACH_LINE,
            "hints": _EACH_LINE,
            "left_out": gettext_lazy("As they stand in the shipped rules, a line each."),
        }

    def clean_terms(self) -> str:
        """Return the lines, each once. Raises: ValidationError, naming the line."""
        return _lines(self.cleaned_data["terms"], "terms")

    def clean_hints(self) -> str:
        """Return the lines, each once. Raises: ValidationError, naming the line."""
        return _lines(self.cleaned_data["hints"], "hints")

    def clean_left_out(self) -> str:
        """Return the lines, each once. Raises: ValidationError, naming the line."""
        return _lines(self.cleaned_data["left_out"], "left_out")

    def clean(self) -> dict[str, Any]:
        """Refuse what would make the rule about children looser."""
        facts = super().clean() or self.cleaned_data
        if self.instance.category == MINORS:
            self._keep_strict(facts)
        elif self.instance.category == HARMLESS:
            self._keep_children_safe(facts)
        if facts.get("image_threshold") is not None and self.instance.category not in image_check.SEEN_CATEGORIES:
            self.add_error("image_threshold", gettext("No classifier knows this category."))
        return facts

    def _keep_strict(self, facts: dict[str, Any]) -> None:
        shipped = moderation_rules.read().categories[MINORS]
        if facts.get("action") not in ("", PolicyRule.Action.BLOCK):
            self.add_error("action", gettext("What endangers children is always blocked."))
        for name, most in (("threshold", shipped.threshold), ("image_threshold", image_check.SHIPPED_MINORS)):
            if (facts.get(name) or 0) > most:
                words = gettext("What endangers children is held to %(most)s at most.") % {"most": most}
                self.add_error(name, words)
        if facts.get("left_out"):
            self.add_error("left_out", gettext("Nothing is left out of what endangers children."))

    def _keep_children_safe(self, facts: dict[str, Any]) -> None:
        rules = moderation.policy().rules
        for line in (facts.get("terms") or "").split("\n"):
            plain = line.replace("/", " ").replace("*", "")
            # What is taken out is counted nowhere: no phrase may hide an age, no single word be one of the pairs.
            texts = [f"{plain}, nude", *([] if " " in plain else [f"child, {plain}"])] if plain else []
            if any(finding.category == MINORS for text in texts for finding in rules.find(text)):
                words = gettext("“%(line)s” would let through what endangers children.") % {"line": line}
                self.add_error("terms", words)


def _lines(text: str, name: str) -> str:
    lines = list(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    if len(lines) > LINES_MAX:
        raise forms.ValidationError(
            gettext("These are %(count)s lines; %(most)s are the most.") % {"count": len(lines), "most": LINES_MAX}
        )
    for line in lines:
        _check(line, name)
    return "\n".join(lines)


def _check(line: str, name: str) -> None:
    plain = fold(line)
    if plain != line:
        raise forms.ValidationError(
            gettext("“%(line)s” is written in small letters without accents: “%(plain)s”.")
            % {"line": line, "plain": plain.replace("\x01", "")}
        )
    if len(line.rstrip("*")) < LINE_MIN_LENGTH or len(line) > LINE_MAX_LENGTH:
        raise forms.ValidationError(
            gettext("“%(line)s” is too short or too long: %(least)s to %(most)s characters.")
            % {"line": line, "least": LINE_MIN_LENGTH, "most": LINE_MAX_LENGTH}
        )
    # What is left out may be a shipped word of any form.
    if name != "left_out" and not all(_is_word(part) for word in line.split() for part in word.split("/")):
        raise forms.ValidationError(
            gettext("“%(line)s” has a sign that is neither letter nor digit; a star may stand at the end of a word.")
            % {"line": line}
        )


def _is_word(part: str) -> bool:
    return bool(part) and (part[:-1] if part.endswith("*") else part).isalnum()
