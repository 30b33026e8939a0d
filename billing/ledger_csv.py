"""A wallet's ledger as a file for spreadsheets: every line, the oldest first, written while it is read."""

import csv
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.conf import settings

from billing.models import LedgerEntry, Wallet
from billing.statement import LedgerLine

HEADER = ("line", "time", "what", "reason", "credits", "change", "balance", "for", "address")
_CHUNK = 2000
# What a spreadsheet would take for a formula. Source: OWASP, CSV Injection.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows(wallet: Wallet) -> Iterator[str]:
    """Yield the file line by line, its header first. Times are the person's, with their distance from UTC."""
    writer = csv.writer(_Pass())
    yield writer.writerow(HEADER)
    entries = LedgerEntry.objects.filter(wallet=wallet).order_by("id")
    for entry in entries.iterator(chunk_size=_CHUNK):
        yield writer.writerow(_cells(LedgerLine.of(entry), wallet.user.zone))


def harmless(text: str) -> str:
    """Return words that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(line: LedgerLine, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        line.id,
        line.at.astimezone(zone).isoformat(timespec="seconds"),
        line.name,
        harmless(line.reason),
        line.credits,
        line.delta,
        line.balance_after,
        harmless(line.reference),
        f"{settings.SITE_URL}{line.url}" if line.url else "",
    )


class _Pass:
    """A file that hands each line on: csv writes to nothing else."""

    def write(self, line: str) -> str:
        return line
