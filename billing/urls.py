"""Billing's addresses, below /settings/billing/."""

from django.urls import path

from billing.views import calendar_feed, ledger_csv
from billing.views.billing_settings import billing_settings
from billing.views.cancel_plan import cancel_plan
from billing.views.change_plan import change_plan
from billing.views.done import done
from billing.views.invoices import invoices
from billing.views.month_statement import month_statement
from billing.views.news import news
from billing.views.pay import pay
from billing.views.portal import portal
from billing.views.receipt import receipt
from billing.views.resume_plan import resume_plan
from billing.views.start_pack import start_pack
from billing.views.start_plan import start_plan
from billing.views.top_up import top_up

app_name = "billing"

urlpatterns = [
    path("", billing_settings, name="settings"),
    path("plan/", start_plan, name="start_plan"),
    path("pack/", start_pack, name="start_pack"),
    path("top-up/", top_up, name="top_up"),
    path("done/", done, name="done"),
    path("change/", change_plan, name="change_plan"),
    path("cancel/", cancel_plan, name="cancel_plan"),
    path("resume/", resume_plan, name="resume_plan"),
    path("portal/", portal, name="portal"),
    path("pay/", pay, name="pay"),
    path("statement/", month_statement, name="month_statement"),
    path("credits.csv", ledger_csv.download, name="ledger_csv"),
    path("calendar/<str:token>.ics", calendar_feed.feed, name="calendar"),
    path("calendar/renew/", calendar_feed.renew, name="calendar_renew"),
    path("invoices/", invoices, name="invoices"),
    path("news/", news, name="news"),
    path("receipts/<uuid:pk>/", receipt, name="receipt"),
]
