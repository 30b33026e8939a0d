"""A small, stateful server that speaks the part of Stripe's API this site uses. No money moves here.

It serves the embedded default (`TEST_SHOP=1`) and the tests, so that a plan can be bought, renewed, failed and
refunded without a Stripe account. What it accepts and sends is held to the types of the installed `stripe` package by
tests/billing/test_shop/test_contract.py; a parameter of Stripe's that it does not implement is refused, never ignored.

    app.py                    one request: key, version, idempotency, routing, one transaction
    store.py                  the documents (SQLite), `Books` is one transaction over them
    params.py  listing.py     what comes in; pages of lists and `expand`
    customers.py catalog.py promotions.py cards.py payments.py invoices.py subscriptions.py plan_changes.py
    schedules.py checkout.py portal.py refunds.py disputes.py events.py deliveries.py clock.py
    pages.py  html.py         the hosted pages: checkout, portal, invoice, receipt, the shop's own desk
    control.py                switches for tests: repeat, shuffle, drop, be down, be slow
    server.py                 the standalone server
"""
