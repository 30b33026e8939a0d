"""mosec: `python -m benchmarks.peers.mosec_server --port PORT --timeout MS`. One worker, no batching."""

from typing import Any

import mosec

from benchmarks.peers.painter import Painter


class PainterWorker(mosec.Worker):
    """Draws in a process."""

    resp_mime_type = "image/png"

    def __init__(self) -> None:
        self.painter = Painter()

    def forward(self, data: Any) -> bytes:
        """Draw."""
        return self.painter.paint(data)

    def serialize(self, data: bytes) -> bytes:
        """Answer with the picture as it is."""
        return data


if __name__ == "__main__":
    server = mosec.Server()
    server.append_worker(PainterWorker, num=1, route="/predict")
    server.run()
