"""Write the client that blocks from the one for asyncio: `python write_sync.py`, after any change to the latter.

The two differ in these words alone. A test holds `_client.py` to what is written here.
"""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "getimg"
_WORDS = {
    "import asyncio\n": "",
    "asyncio.sleep": "time.sleep",
    "async def": "def",
    "async for": "for",
    "await ": "",
    "AsyncIterator": "Iterator",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "aclose": "close",
}


def written() -> str:
    """Return the client that blocks."""
    _, text = (_FOLDER / "_async_client.py").read_text().split("\n", 1)
    for word, instead in _WORDS.items():
        text = text.replace(word, instead)
    head = '"""The client that blocks. Written from `_async_client.py` by `write_sync.py`: change that one."""\n'
    return head + re.sub(r"\bAsync(Client|Diffusions|Diffusion|Files)\b", r"\1", text)


if __name__ == "__main__":
    (_FOLDER / "_client.py").write_text(written())
