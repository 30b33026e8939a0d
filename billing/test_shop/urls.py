"""The test shop's addresses: everything below /test-shop/ is its own."""

from django.urls import path

from billing.test_shop.mount import serve

app_name = "test_shop"

urlpatterns = [
    path("", serve, name="desk"),
    path("<path:path>", serve, name="page"),
]
