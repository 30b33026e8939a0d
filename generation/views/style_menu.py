"""The sheet with the styles, and the form's settings kept under a name."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import edit_forms, forms, presets, styles
from generation.errors import InvalidParams
from generation.forms import CreateForm
from generation.styles import Text


@require_POST
@signed_in
def style_menu(request: SignedInRequest) -> HttpResponseBase:
    """Show what there is to choose from. A POST: the prompt is sent along and must not end up in an address."""
    return _menu(request)


@require_POST
@signed_in
def save_preset(request: SignedInRequest) -> HttpResponseBase:
    """Keep what stands in the form as a preset, and show the sheet with it."""
    form = forms.typed(request.POST)
    kept = _settings(request, form) if request.POST.get("with_settings") else {}
    values = {"name": request.POST.get("preset_name", ""), "settings": kept}
    values |= {field: form.values[field] for field in ("prompt", "negative_prompt")}
    try:
        made = presets.save(request.user, values)
    except InvalidParams as error:
        return _menu(request, error=error.errors[0].message)
    return _menu(request, saved=made.name)


def _menu(request: SignedInRequest, *, error: str = "", saved: str = "") -> HttpResponseBase:
    form = forms.typed(request.POST)
    found = presets.styles_of(request.user)
    is_starter = form.model.is_starter
    text = Text(form.values["prompt"], form.values["negative_prompt"])
    context = {
        "current": styles.current(text, found),
        "own": [style for style in found if style.is_own],
        "fitting": [style for style in found if not style.is_own and (style.for_starter or not is_starter)],
        "others": [style for style in found if not style.is_own and is_starter and not style.for_starter],
        "form": form,
        "settings": styles.describe_settings(_settings(request, form)),
        "with_settings": not error or "with_settings" in request.POST,
        "error": error,
        "saved": saved,
        "name": request.POST.get("preset_name", "") if error else "",
    }
    return render(request, "generation/_style_menu.html", context, status=422 if error else 200)


def _settings(request: SignedInRequest, form: CreateForm) -> dict[str, str]:
    """Return the settings of the form that the sheet was opened from: Create's, or those of the editor's tool."""
    return styles.read_settings(form.values) if "size" in request.POST else edit_forms.settings_of(request.POST)
