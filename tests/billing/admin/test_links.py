"""Ways through the admin."""

from uuid import UUID

from billing.admin.links import ledger_link, wallet_link

WALLET = UUID("01890000-0000-7000-8000-000000000001")


def test_a_link_leads_to_the_wallet() -> None:
    assert f'href="/admin/billing/wallet/{WALLET}/change/"' in wallet_link(WALLET)


def test_a_reference_is_looked_up_and_written_as_it_is() -> None:
    assert ledger_link("job:<1>&2") == (
        '<a href="/admin/billing/ledgerentry/?q=job%3A%3C1%3E%262">job:&lt;1&gt;&amp;2</a>'
    )
