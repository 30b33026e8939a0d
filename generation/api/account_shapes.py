"""The shapes of what is said about the account and its use."""

from accounts.models import Scope
from generation.api.schemas import COUNT, ID, MOMENT, TEXT, Shape, nullable, open_
from generation.usage import GROUPS

DAY: Shape = {"type": "string", "format": "date"}
_GROUP = f"({'|'.join(GROUPS)})"
GROUP_BY: Shape = {"type": "string", "pattern": f"^{_GROUP}(,{_GROUP}){{0,9}}$", "default": "day"}
_SWITCH: Shape = {"type": "boolean"}


def shapes() -> dict[str, Shape]:
    """Return every shape by name."""
    sums = {"requests": COUNT, "pictures": COUNT, "credits": COUNT, "creditsOnHold": COUNT}
    key = open_({"id": ID, "name": TEXT, "isTest": _SWITCH})
    # Of the three, a line has those that were grouped by.
    line = {**open_(sums), "properties": {"day": DAY, "model": TEXT, "key": key, **sums}}
    return {
        "Account": _account(),
        "Usage": open_(
            {
                "from": DAY,
                "to": DAY,
                "groupBy": _list({"type": "string", "enum": list(GROUPS)}),
                "total": open_(sums),
                "usage": _list(line),
            }
        ),
    }


def _account() -> Shape:
    cap = open_({"credits": COUNT, "spent": COUNT, "left": COUNT, "resetsAt": MOMENT})
    expiry = open_({"credits": COUNT, "at": MOMENT})
    rate = open_({"name": TEXT, "quota": COUNT, "windowSeconds": COUNT})
    return open_(
        {
            "id": ID,
            "plan": open_({"id": TEXT, "name": TEXT}),
            "credits": open_(
                {"balance": COUNT, "onHold": COUNT, "nextExpiry": nullable(expiry), "lowBalanceAt": COUNT}
            ),
            "key": open_(
                {
                    "id": ID,
                    "name": TEXT,
                    "prefix": TEXT,
                    "isTest": _SWITCH,
                    "scopes": _list({"type": "string", "enum": list(Scope.values)}),
                    "allowedNetworks": _list(TEXT),
                    "createdAt": MOMENT,
                    "expiresAt": nullable(MOMENT),
                    "dailyCap": nullable(cap),
                    "monthlyCap": nullable(cap),
                }
            ),
            "testPictures": open_({"quota": COUNT, "left": COUNT, "resetsAt": MOMENT}),
            "limits": open_({"requests": _list(rate), "waitingMax": COUNT, "retentionDays": COUNT}),
        }
    )


def _list(items: Shape) -> Shape:
    return {"type": "array", "items": items}
