"""Installing a model in the admin: a form, and how far each install is."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from accounts.models import User
from accounts.read_only_admin import ReadOnlyAdmin
from generation import model_installs
from generation.catalog import MODELS
from generation.models import ModelInstall

_HUB = ""


class InstallForm(forms.ModelForm[ModelInstall]):
    """Which model, from where, and that its licence was read."""

    model = forms.ChoiceField(label=gettext_lazy("model"))
    place = forms.ChoiceField(label=gettext_lazy("from"), required=False)
    has_read_licence = forms.BooleanField(label=gettext_lazy("I have read this model's licence and may offer it."))

    class Meta:
        model = ModelInstall
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "model" in self.fields:  # of an install that is only looked at there are none
            choices = [(one.slug, f"{one.name} ({one.licence.name})") for one in model_installs.offered()]
            self.fields["model"].choices = choices  # type: ignore[attr-defined]
            places = [(_HUB, gettext("The hub")), *((name, name) for name in model_installs.folders())]
            self.fields["place"].choices = places  # type: ignore[attr-defined]
            self.fields["place"].help_text = gettext(
                "The hub, where this machine reaches it, or a folder in MODEL_SOURCES_DIR. Safetensors alone are taken."
            )

    def clean(self) -> dict[str, Any]:
        """Ask for the install. What cannot be is said at the field."""
        facts = super().clean() or self.cleaned_data
        if not self.errors and ModelInstall.objects.filter(slug=facts["model"], is_open=True).exists():
            self.add_error("model", gettext("This model is being installed."))
        return facts


@admin.register(ModelInstall)
class ModelInstallAdmin(ReadOnlyAdmin):
    """What is on its way, and what became of it. A new one is asked for, none is changed."""

    form = InstallForm
    list_display = ("asked_at", "slug", "source", "how_it_stands", "at_hand", "trouble", "ended_at")
    fields = ("slug", "source", "how_it_stands", "at_hand", "trouble", "asked_at", "ended_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("generation.add_modelinstall")

    def get_fields(self, request: HttpRequest, obj: ModelInstall | None = None) -> Any:
        return ("model", "place", "has_read_licence", "licences") if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: ModelInstall | None = None) -> Any:
        return ("licences",) if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: ModelInstall, form: Any, change: bool) -> None:
        """Order it; a process of the queue's brings the files."""
        assert isinstance(request.user, User)
        facts = form.cleaned_data
        made = model_installs.order(request.user, MODELS[facts["model"]], facts["place"])
        obj.pk, obj.slug, obj.folder = made.pk, made.slug, made.folder

    def response_add(
        self, request: HttpRequest, obj: ModelInstall, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Say what comes next."""
        answer = super().response_post_save_add(request, obj)
        words = gettext("The files come. Switch the model on under Model switches when they are there.")
        self.message_user(request, words, messages.SUCCESS)
        return answer

    @admin.display(description=gettext_lazy("from"))
    def source(self, install: ModelInstall) -> str:
        return install.folder or gettext("The hub")

    @admin.display(description=gettext_lazy("state"))
    def how_it_stands(self, install: ModelInstall) -> str:
        return install.state

    @admin.display(description=gettext_lazy("licences"))
    def licences(self, install: ModelInstall) -> SafeString:
        """Show each licence once, with where it can be read."""
        known = {one.licence.name: one.licence.url for one in model_installs.offered()}
        return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{1}">{0}</a></li>', known.items()))
