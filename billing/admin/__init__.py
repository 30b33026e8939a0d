"""Billing for operators, one subject a file. Looked at here, moved by verbs; plans and packs alone are edited."""

from billing.admin import audits, books, events, payments, plans, rewards, top_ups, wallets

__all__ = ["audits", "books", "events", "payments", "plans", "rewards", "top_ups", "wallets"]
