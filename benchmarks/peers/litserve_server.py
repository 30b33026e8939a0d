"""LitServe: `python -m benchmarks.peers.litserve_server PORT`. One worker, no batching, as it is by default."""

import sys
from typing import Any

import litserve
from fastapi import Request, Response

from benchmarks.peers.painter import Painter


class PainterAPI(litserve.LitAPI):
    """Draws in a worker process."""

    def setup(self, device: str) -> None:  # noqa: ARG002  (the framework's signature)
        """Read the model."""
        self.painter = Painter()

    def decode_request(self, request: Request) -> Any:
        """Take the body as it is; the server has read it by then."""
        return request

    def predict(self, drawing: Any) -> bytes:
        """Draw."""
        return self.painter.paint(drawing)

    def encode_response(self, output: bytes) -> Response:
        """Answer with the picture."""
        return Response(content=output, media_type="image/png")


if __name__ == "__main__":
    server = litserve.LitServer(PainterAPI(), accelerator="cpu", workers_per_device=1, timeout=600)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
