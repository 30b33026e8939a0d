"""Settings about the person; billing adds its own section."""

from django.urls import path

from accounts.views.api_alerts import api_alerts
from accounts.views.api_key import api_key
from accounts.views.api_key_revoke import api_key_revoke
from accounts.views.api_key_rotate import api_key_rotate
from accounts.views.api_keys import api_keys
from accounts.views.notifications import notification_choices, notifications
from accounts.views.profile import profile
from accounts.views.settings import settings
from accounts.views.vouch_again import vouch_again

app_name = "accounts"

urlpatterns = [
    path("", settings, name="settings"),
    path("profile/", profile, name="profile"),
    path("notifications/", notifications, name="notifications"),
    path("notifications/choices/", notification_choices, name="notification_choices"),
    path("again/", vouch_again, name="vouch_again"),
    path("api-keys/", api_keys, name="api_keys"),
    path("api-keys/alerts/", api_alerts, name="api_alerts"),
    path("api-keys/<uuid:key_id>/", api_key, name="api_key"),
    path("api-keys/<uuid:key_id>/rotate/", api_key_rotate, name="api_key_rotate"),
    path("api-keys/<uuid:key_id>/revoke/", api_key_revoke, name="api_key_revoke"),
]
