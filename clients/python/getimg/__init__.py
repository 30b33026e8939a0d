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
from getimg._facts import Alternative, Cost, DiffusionFacts, Failure, Notice, Output, Poster, Progress
from getimg._types import Account, DiffusionFields, File, Model, Quote, Usage
from getimg._webhooks import WebhookRefused, verify_webhook

__version__ = "1.0.0"
__all__ = [
    "APIError",
    "Account",
    "Alternative",
    "AsyncClient",
    "AsyncDiffusion",
    "AuthenticationError",
    "Client",
    "ConflictError",
    "ConnectionFailed",
    "Cost",
    "Diffusion",
    "DiffusionFacts",
    "DiffusionFields",
    "Failure",
    "File",
    "InsufficientCredits",
    "InvalidRequest",
    "Model",
    "NotFound",
    "Notice",
    "Output",
    "PermissionDenied",
    "Poster",
    "Progress",
    "Quote",
    "RateLimited",
    "ServerError",
    "Usage",
    "WaitTimeout",
    "WebhookRefused",
    "verify_webhook",
]
