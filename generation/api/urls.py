"""Addresses of the API, without a trailing slash. Mounted at /v1/, and at the root of the API's own host."""

from django.urls import path, re_path

from generation.api.account import Account
from generation.api.cancel import Cancel
from generation.api.description import OpenApiJson, OpenApiYaml
from generation.api.diffusion import DiffusionDetail
from generation.api.diffusions import Diffusions
from generation.api.events import DiffusionEvents
from generation.api.files import FileDetail, Files
from generation.api.image_generations import ImageGenerations
from generation.api.manifest import DiffusionManifest
from generation.api.models import Models
from generation.api.polling import polled
from generation.api.quote import QuoteView
from generation.api.resource import Nothing
from generation.api.usage import Usage
from generation.api.webhook import WebhookDetail, WebhookSecret, WebhookTest
from generation.api.webhooks import Webhooks

app_name = "api"

urlpatterns = [
    path("diffusions", Diffusions.as_view(), name="diffusions"),
    path("diffusions/quote", QuoteView.as_view(), name="quote"),
    path("diffusions/<str:diffusion_id>", polled(DiffusionDetail.as_view()), name="diffusion"),
    path("diffusions/<str:diffusion_id>/cancel", Cancel.as_view(), name="cancel"),
    path("diffusions/<str:diffusion_id>/manifest", DiffusionManifest.as_view(), name="manifest"),
    path("diffusions/<str:diffusion_id>/events", DiffusionEvents.as_view(), name="events"),
    path("files", Files.as_view(), name="files"),
    path("files/<str:file_id>", FileDetail.as_view(), name="file"),
    path("models", Models.as_view(), name="models"),
    path("images/generations", ImageGenerations.as_view(), name="image_generations"),
    path("openapi.json", OpenApiJson.as_view(), name="openapi_json"),
    path("openapi.yaml", OpenApiYaml.as_view(), name="openapi_yaml"),
    path("account", Account.as_view(), name="account"),
    path("usage", Usage.as_view(), name="usage"),
    path("webhooks", Webhooks.as_view(), name="webhooks"),
    path("webhooks/<str:webhook_id>", WebhookDetail.as_view(), name="webhook"),
    path("webhooks/<str:webhook_id>/rotate", WebhookSecret.as_view(), name="webhook_secret"),
    path("webhooks/<str:webhook_id>/test", WebhookTest.as_view(), name="webhook_test"),
    # The last: whatever leads nowhere says so in the API's own words.
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
