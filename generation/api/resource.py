"""What every resource shares: who calls, and a body that can be read."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import switches
from accounts.models import ApiKey, Feature, User
from generation.api.problems import not_found, problem


class Resource(APIView):
    """A view of the API; the settings in REST_FRAMEWORK apply."""

    # No OPTIONS: a key is no thing for a page of another site, so no browser is told that it may send one.
    http_method_names = ["get", "post", "patch", "delete", "head"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse everything while the API is off, and what can't be read once it is known who calls."""
        switches.check(Feature.API)
        super().initial(request, *args, **kwargs)
        # A body in chunks reads as empty here: say so instead of finding fields missing.
        if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
            raise problem(411, "length_required", "Send the body with a Content-Length, not in chunks.")

    def user_of(self, request: Request) -> User:
        """Return who calls."""
        assert isinstance(request.user, User)  # permissions let nobody else through
        return request.user

    def body_of(self, request: Request) -> dict[str, Any]:
        """Return the JSON object that was sent; empty where nothing was."""
        assert isinstance(request.data, dict)  # the parser lets nothing else through
        return request.data

    def key_of(self, request: Request) -> ApiKey:
        """Return the key that was sent."""
        assert isinstance(request.auth, ApiKey)
        return request.auth


class Nothing(Resource):
    """Every address that leads nowhere."""

    permission_classes = ()
    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raise for every method."""
        raise not_found()
