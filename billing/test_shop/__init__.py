"""A small, stateful server that speaks the part of Stripe's API this site uses. No money moves here.

It serves the embedded default (`TEST_SHOP=1`) and the tests, so that a plan can be bought, renewed, failed and
refunded without a Stripe account. What it accepts and sends is held to the types of the installed `stripe` package by
tests/billing/test_shop/test_app_contract.py; a parameter of Stripe's that it does not implement is refused, never
ignored. A module imports only from those above it:

    documents.py errors.py exchange.py periods.py         ids and shapes, refusals, requests, the calendar
    store.py params.py routes.py listing.py events.py     the books (SQLite), what comes in, lists, what is told
    cards.py disputes.py payments.py promotions.py        test cards, charges, codes
    invoices.py subscriptions.py collection.py            bills, plans, and whether the money comes
    schedules.py renewals.py plan_changes.py beginnings.py what happens to a plan
    customers.py catalog.py refunds.py checkout.py portal.py deliveries.py clock.py
    html.py pdf.py checkout_page.py portal_page.py invoice_page.py desk_page.py pages.py     what people see
    control.py                                            what a test tells it: the weather, the post, the time
    app.py                                                one request: key, version, idempotency, one transaction
    server.py mount.py urls.py                            as a server of its own, and inside the site
"""
