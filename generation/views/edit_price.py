"""The price of what the editor's form says now."""

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import SignedInRequest, signed_in
from generation import edit_forms, pricing
from generation.errors import GenerationError
from generation.price_tag import PriceTag, credits_of


@require_POST  # a form as it will be sent, which no address should hold; nothing changes
@never_cache
@signed_in
def edit_price(request: SignedInRequest) -> HttpResponseBase:
    """Answer every change of the form; a prompt is not needed yet."""
    try:
        params = edit_forms.typed(request.POST).params(request.user, require_prompt=False)
    except GenerationError as error:
        return JsonResponse(edit_forms.refusals(error), status=422)
    quote = pricing.quote(params)
    tag = PriceTag(quote, credits_of(request.user))
    width, height = params.result_size
    answer = {
        "credits": quote.credits,
        "perImage": quote.credits_per_image,
        "numImages": quote.num_images,
        "line": tag.line,
        "terms": [
            {"name": gettext(term.name), "factor": float(term.factor), "detail": term.detail} for term in quote.terms
        ],
        "width": width,
        "height": height,
        "balance": tag.credits.balance,
        "missing": tag.missing,
    }
    return JsonResponse(answer)
