"""Addresses of the API, without a trailing slash. Mounted at /v1/, and at the root of the API's own host."""

from django.urls import path, re_path

from generation.api.diffusion import DiffusionDetail
from generation.api.diffusions import Diffusions
from generation.api.resource import Nothing

app_name = "api"

urlpatterns = [
    path("diffusions", Diffusions.as_view(), name="diffusions"),
    path("diffusions/<str:diffusion_id>", DiffusionDetail.as_view(), name="diffusion"),
    # The last: whatever leads nowhere says so in the API's own words.
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
