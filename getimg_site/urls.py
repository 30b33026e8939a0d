"""Every address of the site, by app."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.views.invite import invite
from accounts.views.set_password import set_password
from billing.views.referrals import referrals
from billing.views.stripe_webhook import stripe_webhook
from getimg_site import legal as rules
from getimg_site.views.bug_report import bug_report
from getimg_site.views.changelog import changelog
from getimg_site.views.client_archive import client_archive
from getimg_site.views.closed import closed
from getimg_site.views.docs import docs
from getimg_site.views.docs_key import docs_key
from getimg_site.views.faq import faq
from getimg_site.views.guides import guide, guides
from getimg_site.views.health import healthz, readyz
from getimg_site.views.landing import landing
from getimg_site.views.legal import legal
from getimg_site.views.metrics import metrics
from getimg_site.views.pricing import pricing
from getimg_site.views.pricing_api import pricing_api
from getimg_site.views.robots import robots
from getimg_site.views.server_error import server_error
from getimg_site.views.sitemap import sitemap, sitemap_of_day, sitemap_of_pages
from getimg_site.views.status import status
from getimg_site.views.view_as_stop import view_as_stop
from getimg_site.views.wishes import wish_vote, wishes

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = server_error

urlpatterns = [
    path("", landing, name="landing"),
    path("r/<str:code>/", invite, name="invite"),
    path("pricing/", pricing, name="pricing"),
    path("pricing/api/", pricing_api, name="pricing_api"),
    path("faq/", faq, name="faq"),
    path("guides/", guides, name="guides"),
    path("guides/<slug:slug>/", guide, name="guide"),
    path("changelog/", changelog, name="changelog"),
    path("status/", status, name="status"),
    path("wishes/", wishes, name="wishes"),
    path("wishes/<int:wish_id>/vote/", wish_vote, name="wish_vote"),
    path("report-a-bug/", bug_report, name="bug_report"),
    *(path(f"{page.slug}/", legal, {"slug": page.slug}, name=page.slug) for page in rules.PAGES),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-pages.xml", sitemap_of_pages, name="sitemap_of_pages"),
    path("sitemap-<str:day>.xml", sitemap_of_day, name="sitemap_of_day"),
    path("docs/", docs, name="docs"),
    path("docs/key/", docs_key, name="docs_key"),
    path("docs/clients/<slug:language>.tar.gz", client_archive, name="client_archive"),
    path("docs/<slug:slug>/", docs, name="docs"),
    path("", include("generation.urls")),
    path("settings/billing/", include("billing.urls")),
    path("settings/referrals/", referrals, name="referrals"),
    path("settings/", include("accounts.urls")),
    path(settings.STRIPE_WEBHOOK_PATH, stripe_webhook, name="stripe_webhook"),
    path("test-shop/", include("billing.test_shop.urls")),
    path("accounts/password/set/", set_password, name="account_set_password"),
    path("accounts/google/login/token/", closed, name="closed"),  # allauth's, which takes a token from a browser's hand
    path("accounts/", include("allauth.urls")),
    path("v1/", include("generation.api.urls")),
    path("view-as/stop/", view_as_stop, name="view_as_stop"),
    path("admin/", admin.site.urls),
    path("metrics", metrics, name="metrics"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]
