"""BentoML: `bentoml serve benchmarks.peers.bentoml_server:PainterService`. One worker of one thread, as by default."""

from pathlib import Path
from typing import Annotated

import bentoml
from bentoml.validators import ContentType

from benchmarks.bare_loop import Drawing
from benchmarks.peers.painter import Painter


@bentoml.service(workers=1, traffic={"timeout": 600})
class PainterService:
    """Draws."""

    def __init__(self) -> None:
        self.painter = Painter()

    @bentoml.api(route="/predict")
    def paint(
        self,
        context: bentoml.Context,
        prompts: list[str],
        seeds: list[int],
        batch: int,
        num_inference_steps: int,
        guidance_scale: float,
        width: int,
        height: int,
    ) -> Annotated[Path, ContentType("image/png")]:
        """Draw, and answer with the picture, a file in the folder that the server keeps for the request."""
        drawing = Drawing(prompts, seeds, batch, num_inference_steps, guidance_scale, width, height)
        path = Path(context.temp_dir) / "picture.png"
        path.write_bytes(self.painter.paint(vars(drawing)))
        return path
