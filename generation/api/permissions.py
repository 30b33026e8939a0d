"""What a key may do here: its scopes. A view names the scope of a method where it is not the usual one."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey, Scope

_USUAL = {"GET": Scope.READ, "HEAD": Scope.READ, "OPTIONS": Scope.READ, "DELETE": Scope.DELETE}


class KeyMay(BasePermission):
    """Lets a request in whose key has the method's scope.

    That is `read` for GET, `delete` for DELETE and `generate` for the rest, unless the view's `scopes` says
    otherwise: `scopes = {"POST": Scope.WEBHOOKS}`. Raises: PermissionDenied (403, code "missing_scope").
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return False, which becomes 401, for a request without a key."""
        key = request.auth
        if not isinstance(key, ApiKey):
            return False
        method = request.method or ""
        scope = getattr(view, "scopes", {}).get(method) or _USUAL.get(method, Scope.GENERATE)
        if not key.may(scope):
            detail = f"This API key lacks the scope “{scope}”. Add it under Settings, API keys, or use another key."
            raise PermissionDenied(detail, "missing_scope")
        return True
