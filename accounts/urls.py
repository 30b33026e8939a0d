"""Settings about the person; billing adds its own section."""

from django.urls import path

from accounts.views.profile import profile
from accounts.views.settings import settings

app_name = "accounts"

urlpatterns = [
    path("", settings, name="settings"),
    path("profile/", profile, name="profile"),
]
