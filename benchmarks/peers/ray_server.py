"""Ray Serve: `python -m benchmarks.peers.ray_server PORT`. One replica, no batching, as it is by default."""

import os
import sys

import ray
from ray import serve
from starlette.requests import Request
from starlette.responses import Response

from benchmarks.peers.painter import Painter


@serve.deployment(num_replicas=1)
class PainterDeployment:
    """Draws in an actor."""

    def __init__(self) -> None:
        self.painter = Painter()

    async def __call__(self, request: Request) -> Response:
        """Draw, and answer with the picture."""
        return Response(self.painter.paint(await request.json()), media_type="image/png")


if __name__ == "__main__":
    ray.init(include_dashboard=False, object_store_memory=200_000_000, _temp_dir=os.environ["RAY_TMPDIR"])
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    painter = PainterDeployment.bind()  # type: ignore[attr-defined]  # the decorator's
    serve.run(painter, route_prefix="/predict", blocking=True)
