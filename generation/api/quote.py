"""`/v1/diffusions/quote`: what it would cost."""

from datetime import timedelta

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from generation import catalog, picture_words
from generation.api import answers, ordering, quotes, requests
from generation.api.openapi import describe
from generation.api.resource import Resource


class QuoteView(Resource):
    """A price."""

    scopes = {"POST": Scope.READ}

    @describe("quoteDiffusion", "Ask for the price", body="AnyQuoteRequest", answers={200: "Quote"}, refusals=[404])
    def post(self, request: Request) -> Response:
        """Tell the price and its terms; it binds for ten minutes where `quoteId` is sent with the order.

        An order's body can be sent as it is: `ref` and `quoteId` change nothing here.
        """
        wanted = requests.read(self.body_of(request))
        key = self.key_of(request)
        priced = ordering.price(key, wanted, require_prompt=False)
        picture_words.check(key.user, priced.params.as_dict(), catalog.MODELS[priced.served_by])
        quote_id = quotes.identify(key, priced.params, priced.quote)
        expires_at = timezone.now() + timedelta(seconds=quotes.BINDING_SECONDS)
        warnings = answers.warnings_of(priced.served_by, [used.stored() for used in priced.params.loras])
        return Response(answers.quote(priced.quote, quote_id, expires_at, warnings))
