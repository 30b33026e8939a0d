"""What a customer keeps: the invoice's page, which also takes a payment that is still open, its PDF, the receipt."""

from billing.test_shop import cards, collection
from billing.test_shop.documents import Document
from billing.test_shop.html import Answer, File, Form, Page, PageRoute, Redirect, day, gone, money
from billing.test_shop.pdf import as_pdf
from billing.test_shop.store import Books


def _show(books: Books, id: str, form: Form, message: str = "", field: str = "") -> Answer:
    invoice = books.find(id)
    if invoice is None or invoice["object"] != "invoice":
        return gone("There is no such invoice.")
    context = {
        "invoice": invoice,
        "rows": _rows(invoice),
        "totals": _totals(invoice),
        "date": day(invoice["created"]),
        "due": money(invoice["amount_remaining"], invoice["currency"]),
        "form": form,
        "message": message,
        "field": field,
    }
    return Page("invoice.html", context, 402 if message else 200)


def _act(books: Books, id: str, form: Form) -> Answer:
    """Pay an open invoice with a card, which is kept for what is to come."""
    invoice = books.get("invoice", id)
    if invoice["status"] != "open":
        return _show(books, id, form)
    customer = books.customer(invoice["customer"])
    entry = cards.Entry(form.get("number", ""), form.get("expiry", ""), form.get("cvc", ""), form.get("name", ""))
    method = cards.read(books, entry, customer)
    status = collection.attempt(books, invoice, method, is_present=True)
    if status == "requires_action":
        return Redirect(f"{books.base_url}/authenticate/{invoice['_payment_intent']}")
    if status != "succeeded":
        intent = books.get("payment_intent", invoice["_payment_intent"])
        return _show(books, id, form, intent["last_payment_error"]["message"], "number")
    collection.keep_card(books, invoice, method)
    return Redirect(f"{books.base_url}/invoice/{id}")


def _download(books: Books, id: str, _form: Form) -> Answer:
    invoice = books.find(id)
    if invoice is None or invoice["object"] != "invoice":
        return gone("There is no such invoice.")
    lines = [
        "Test shop. No real money.",
        f"Invoice {invoice['number']}",
        f"{day(invoice['created'])}   Status: {invoice['status']}",
        f"For {invoice['customer_name'] or ''} {invoice['customer_email'] or ''}",
        "",
        *(f"{text}   {amount}" for text, amount in (*_rows(invoice), *_totals(invoice))),
    ]
    return File(as_pdf(lines), "application/pdf", f"invoice-{invoice['number']}.pdf")


def _show_receipt(books: Books, id: str, _form: Form) -> Answer:
    charge = books.find(id)
    if charge is None or charge["object"] != "charge" or not charge["paid"]:
        return gone("There is no such receipt.")
    card = charge["payment_method_details"]["card"]
    context = {
        "amount": money(charge["amount"], charge["currency"]),
        "refunded": money(charge["amount_refunded"], charge["currency"]) if charge["amount_refunded"] else "",
        "card": f"{card['brand'].capitalize()} ending in {card['last4']}",
        "date": day(charge["created"]),
        "description": charge["description"],
    }
    return Page("receipt.html", context)


def _rows(invoice: Document) -> list[tuple[str, str]]:
    return [(row["description"], money(row["amount"], invoice["currency"])) for row in invoice["lines"]["data"]]


def _totals(invoice: Document) -> list[tuple[str, str]]:
    off = sum(part["amount"] for part in invoice["total_discount_amounts"])
    tax = sum(part["amount"] for part in invoice["total_taxes"])
    rows = [("Subtotal", invoice["subtotal"])]
    rows += [("Discount", -off)] if off else []
    rows += [("Tax (test)", tax)] if tax else []
    rows += [("Total", invoice["total"])]
    rows += [("From your balance", invoice["starting_balance"])] if invoice["starting_balance"] else []
    rows += [("Paid", invoice["amount_paid"])] if invoice["status"] == "paid" else [("Due", invoice["amount_due"])]
    return [(name, money(amount, invoice["currency"])) for name, amount in rows]


PAGES = [
    PageRoute("/invoice/", _download, suffix="/pdf"),
    PageRoute("/invoice/", _show, _act),
    PageRoute("/receipt/", _show_receipt),
]
