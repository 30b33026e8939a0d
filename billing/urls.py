"""Billing's addresses, below /settings/billing/."""

from django.urls import path

from billing.views.billing_settings import billing_settings

app_name = "billing"

urlpatterns = [
    path("", billing_settings, name="settings"),
]
