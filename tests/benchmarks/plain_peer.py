"""A peer for tests that needs no environment of its own: the standard library's server around the same pipeline.

`python -m tests.benchmarks.plain_peer PORT [SEED_SHIFT]`; with a shift it draws other pictures than it is asked for.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.peers.painter import Painter


def serve(port: int, seed_shift: int) -> None:
    painter = Painter()
    drawing_alone = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            drawing = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            drawing["seeds"] = [seed + seed_shift for seed in drawing["seeds"]]
            with drawing_alone:
                picture = painter.paint(drawing)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(picture)))
            self.end_headers()
            self.wfile.write(picture)

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
