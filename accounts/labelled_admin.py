"""Names for fields that Django's admin shows without a label: those of an editable list, and the halves of a time."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext


class LabelledAdmin(admin.ModelAdmin[Any]):
    """Rows whose every field has a name that a screen reader can say."""

    def get_changelist_form(self, request: HttpRequest, **options: Any) -> Any:
        """Return the form of a line of an editable list, each field named by its column and its row."""
        return super().get_changelist_form(request, **{"form": _LineForm, **options})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Name the two fields of a time."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if isinstance(field, forms.SplitDateTimeField):
            for widget, half in zip(field.widget.widgets, (gettext("Date"), gettext("Time")), strict=True):
                widget.attrs["aria-label"] = f"{field.label}: {half}"
        return field


class _LineForm(forms.ModelForm[Any]):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"
