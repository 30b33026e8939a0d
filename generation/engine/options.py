"""What each task takes beside the settings that all share: its options, its input pictures, the size it gives.

Both sides of the pipe and the settings' parser read this; it knows neither torch nor Django. Lengths (`feather`,
`left` …) are pixels of the input picture at its own size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generation.engine.reading import ProtocolError, require, require_one_of, require_within

Size = tuple[int, int]

FEATHER_MAX = 200
MARGIN_MAX = 4096
UPSCALE_FACTORS = (2, 4)
BLEND_MIN, BLEND_MAX = 2, 4
CONTROLS = ("canny", "depth", "pose", "scribble")

IMAGE, MASK, STROKES = "image", "mask", "strokes"
# Where a video ends.
END_IMAGE = "end_image"
FRAMES_MIN, FRAMES_MAX = 2, 400
FPS_MIN, FPS_MAX = 4, 30
# The pictures of a blend, in the order of its weights.
BLEND_ROLES = (IMAGE, "image_2", "image_3", "image_4")
# Tasks that make each picture of a pass for itself: what it shares the pass with can change nothing in it.
ONE_BY_ONE = frozenset({"upscale", "remove-background", "image-to-video"})
# (height, width) of grey; every other input is (height, width, 3), or 4 where the picture is transparent in places.
GREY_ROLES = frozenset({MASK, STROKES})


@dataclass(frozen=True)
class Options:
    """A task's own settings. A task without any has this alone."""

    # Input pictures that must be there, and those that may.
    required: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    # The result is as large as the picture, or grows from it; else it is what the model draws.
    has_size_of_source: ClassVar[bool] = False

    def check_roles(self, roles: tuple[str, ...]) -> None:
        """Raise ProtocolError unless these are the pictures that the task needs."""
        right = set(self.required) <= set(roles) <= {*self.required, *self.optional} and len(set(roles)) == len(roles)
        require(right, "inputs", roles, f"{self.required} and perhaps {self.optional}, each once")

    def result_size(self, working: Size, source: Size | None) -> Size:
        """Return (width, height) of a result.

        working: the size the model draws in, `BatchRequest.width` and `height`. source: the size of `image`.
        """
        if not self.has_size_of_source:
            return working
        if source is None:
            raise ProtocolError("inputs: no picture to take the size from")
        return self._grow(*source)

    def _grow(self, width: int, height: int) -> Size:
        """Return the result's size of the picture's."""
        return width, height


@dataclass(frozen=True)
class TextToImageOptions(Options):
    """Nothing: words alone."""


@dataclass(frozen=True)
class ImageToImageOptions(Options):
    """`strength`: how much of the picture is drawn anew, 0 (nothing) to 1 (all)."""

    required = (IMAGE,)
    strength: float

    def __post_init__(self) -> None:
        require_within("strength", self.strength, 0.01, 1.0)


@dataclass(frozen=True)
class VariationsOptions(ImageToImageOptions):
    """Like image to image, with the words of the picture or none."""


@dataclass(frozen=True)
class _Composited(Options):
    """The result has the picture's own size: what was kept is the picture's own pixels."""

    required: ClassVar[tuple[str, ...]] = (IMAGE,)
    has_size_of_source = True


@dataclass(frozen=True)
class InpaintOptions(_Composited):
    """Where the mask is white the picture is painted anew; `feather` softens its edge outwards, in pixels."""

    required = (IMAGE, MASK)
    strength: float
    feather: int

    def __post_init__(self) -> None:
        require_within("strength", self.strength, 0.01, 1.0)
        require_within("feather", self.feather, 0, FEATHER_MAX)


@dataclass(frozen=True)
class OutpaintOptions(Options):
    """How many pixels are added at each side; `feather`: over how many the new part blends into the picture."""

    required = (IMAGE,)
    has_size_of_source = True
    left: int
    right: int
    top: int
    bottom: int
    feather: int

    def __post_init__(self) -> None:
        for name in ("left", "right", "top", "bottom"):
            require_within(name, getattr(self, name), 0, MARGIN_MAX)
        require(self.left + self.right + self.top + self.bottom > 0, "sides", 0, "at least one pixel at some side")
        require_within("feather", self.feather, 0, FEATHER_MAX)

    def _grow(self, width: int, height: int) -> Size:
        return width + self.left + self.right, height + self.top + self.bottom


@dataclass(frozen=True)
class BlendOptions(Options):
    """One weight a picture, in the order of `BLEND_ROLES`, together 1. `strength` as in image to image.

    sees_pictures: the model also draws by what the pictures are of; an IP-Adapter is among the tools.
    """

    required = BLEND_ROLES[:BLEND_MIN]
    optional = BLEND_ROLES[BLEND_MIN:]
    weights: tuple[float, ...]
    strength: float
    sees_pictures: bool = False

    def __post_init__(self) -> None:
        require_within("weights", len(self.weights), BLEND_MIN, BLEND_MAX)
        for weight in self.weights:
            require_within("weights", weight, 0.0, 1.0)
        require_within("sum of weights", sum(self.weights), 0.999, 1.001)
        require_within("strength", self.strength, 0.01, 1.0)

    def check_roles(self, roles: tuple[str, ...]) -> None:
        """Raise ProtocolError unless there is one picture a weight."""
        require(roles == BLEND_ROLES[: len(self.weights)], "inputs", roles, f"{len(self.weights)} pictures in order")


@dataclass(frozen=True)
class RemoveBackgroundOptions(_Composited):
    """The result is RGBA. `strokes`, where given: white is subject, black background, grey left to the model."""

    optional = (STROKES,)
    feather: int

    def __post_init__(self) -> None:
        require_within("feather", self.feather, 0, FEATHER_MAX)


@dataclass(frozen=True)
class ReplaceBackgroundOptions(_Composited):
    """The subject stays pixel for pixel. Where the picture is transparent already, that is its background."""

    optional = (STROKES,)
    feather: int

    def __post_init__(self) -> None:
        require_within("feather", self.feather, 0, FEATHER_MAX)


@dataclass(frozen=True)
class UpscaleOptions(Options):
    """`factor`: 2 or 4. A transparent picture stays transparent."""

    required = (IMAGE,)
    has_size_of_source = True
    factor: int

    def __post_init__(self) -> None:
        require_one_of("factor", self.factor, UPSCALE_FACTORS)

    def _grow(self, width: int, height: int) -> Size:
        return width * self.factor, height * self.factor


@dataclass(frozen=True)
class InstructOptions(Options):
    """`image_guidance_scale`: how closely the result stays with the picture."""

    required = (IMAGE,)
    image_guidance_scale: float

    def __post_init__(self) -> None:
        require_within("image_guidance_scale", self.image_guidance_scale, 1.0, 10.0)


@dataclass(frozen=True)
class ControlNetOptions(Options):
    """What of the picture guides the drawing. `is_map`: the picture is the edges, depths … already.

    `low_threshold` and `high_threshold` are Canny's, 0 to 255; other controls leave them aside.
    """

    required = (IMAGE,)
    control: str
    conditioning_scale: float
    low_threshold: int
    high_threshold: int
    is_map: bool

    def __post_init__(self) -> None:
        require_one_of("control", self.control, CONTROLS)
        require_within("conditioning_scale", self.conditioning_scale, 0.0, 2.0)
        require_within("low_threshold", self.low_threshold, 0, 255)
        require_within("high_threshold", self.high_threshold, self.low_threshold, 255)


@dataclass(frozen=True)
class ImageToVideoOptions(Options):
    """A result is (frames, height, width, 3), to be shown at `fps` frames a second.

    `motion`: how much moves, 0 (hardly anything) to 1. With an `end_image` the last frame is that picture.
    """

    required = (IMAGE,)
    optional = (END_IMAGE,)
    frames: int
    fps: int
    motion: float

    def __post_init__(self) -> None:
        require_within("frames", self.frames, FRAMES_MIN, FRAMES_MAX)
        require_within("fps", self.fps, FPS_MIN, FPS_MAX)
        require_within("motion", self.motion, 0.0, 1.0)


OPTIONS: dict[str, type[Options]] = {
    "text-to-image": TextToImageOptions,
    "image-to-image": ImageToImageOptions,
    "inpaint": InpaintOptions,
    "outpaint": OutpaintOptions,
    "blend": BlendOptions,
    "remove-background": RemoveBackgroundOptions,
    "replace-background": ReplaceBackgroundOptions,
    "upscale": UpscaleOptions,
    "variations": VariationsOptions,
    "instruct": InstructOptions,
    "controlnet": ControlNetOptions,
    "image-to-video": ImageToVideoOptions,
}
