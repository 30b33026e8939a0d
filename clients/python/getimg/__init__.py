"""The official Python client of the getimg API.

from getimg import Client
print(Client().diffusions.create(prompt="A red fox in the snow").wait().images[0])
"""

from getimg._async_client import AsyncClient, AsyncDiffusion
from getimg._client import Client, Diffusion
from getimg._errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    ConnectionFailed,
    InsufficientCredits,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
    WaitTimeout,
)
from getimg._facts import DiffusionFacts, Failure, Output, Progress
from getimg._webhooks import WebhookRefused, verify_webhook

__version__ = "1.0.0"
__all__ = [
    "APIError",
    "AsyncClient",
    "AsyncDiffusion",
    "AuthenticationError",
    "Client",
    "ConflictError",
    "ConnectionFailed",
    "Diffusion",
    "DiffusionFacts",
    "Failure",
    "InsufficientCredits",
    "InvalidRequest",
    "NotFound",
    "Output",
    "PermissionDenied",
    "Progress",
    "RateLimited",
    "ServerError",
    "WaitTimeout",
    "WebhookRefused",
    "verify_webhook",
]
