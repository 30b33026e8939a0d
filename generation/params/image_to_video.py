"""Turn a picture into a short video."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext

from generation.catalog_shapes import Video
from generation.engine.options import END_IMAGE, FPS_MAX, FPS_MIN, IMAGE, ImageToVideoOptions
from generation.params.edit import EditParams, words_of
from generation.params.pictures import EditReader
from generation.params.sources import Picture

SECONDS_MIN, SECONDS_MAX = 0.5, 12.0
MOTION_MIN, MOTION_MAX, MOTION_DEFAULT = 0.0, 1.0, 0.5


@dataclass(frozen=True, kw_only=True)
class ImageToVideoParams(EditParams):
    """`frames` at `fps` frames a second; `motion`: how much moves. Steps and guidance are the model's own."""

    task = "image-to-video"
    fields = {
        "prompt": str,
        "model": str,
        "image": str,
        "end_image": str,
        "seconds": float,
        "fps": int,
        "motion": float,
        "seed": int,
        "loras": list,
    }
    needs_prompt = False

    seconds: float
    fps: int
    frames: int
    motion: float

    @classmethod
    def take_pictures(cls, reader: EditReader) -> list[Picture]:
        """Return the picture, and the one that the video ends with where there is one."""
        found = [*reader.one(IMAGE), *reader.optional(END_IMAGE)]
        if reader.raw(END_IMAGE) and not _video_of(reader).takes_end:
            reader.refuse(
                END_IMAGE, gettext("%(name)s can't end at a picture; leave it out.") % {"name": reader.chosen.name}
            )
        return found

    @classmethod
    def take_own(cls, reader: EditReader) -> dict[str, Any]:
        """Return the length in frames, the pace and the motion."""
        video = _video_of(reader)
        seconds = reader.decimal(
            "seconds", gettext("length in seconds"), video.default_seconds, SECONDS_MIN, SECONDS_MAX
        )
        fps = reader.integer("fps", gettext("frames a second"), video.fps, FPS_MIN, FPS_MAX)
        is_usual = reader.raw("seconds") in (None, "") and fps == video.fps
        frames = video.default_frames if is_usual else video.frames_of(seconds, fps)
        if frames > video.max_frames:
            longest = f"{video.max_frames / fps:.1f}".rstrip("0").rstrip(".")
            reader.refuse(
                "seconds",
                gettext(
                    "%(seconds)s seconds at %(fps)s frames a second are %(frames)s frames; %(name)s "
                    "draws up to %(max_frames)s, which are %(longest)s seconds."
                )
                % {
                    "seconds": f"{seconds:g}",
                    "fps": fps,
                    "frames": frames,
                    "name": reader.chosen.name,
                    "max_frames": video.max_frames,
                    "longest": longest,
                },
            )
        motion = reader.decimal("motion", gettext("motion"), MOTION_DEFAULT, MOTION_MIN, MOTION_MAX)
        return {"seconds": seconds, "fps": fps, "frames": frames, "motion": motion}

    @staticmethod
    def options_of(stored: Mapping[str, Any]) -> ImageToVideoOptions:
        """Return the length, the pace and the motion."""
        return ImageToVideoOptions(stored["frames"], stored["fps"], stored["motion"])

    def batch_key(self, served_by: str) -> str:  # noqa: ARG002 (the signature of all tasks)
        """Return a key of its own: a video fills a pass by itself."""
        return uuid4().hex

    def price_facts(self) -> list[int]:
        """What the price depends on: the number of frames."""
        return [self.frames]

    @classmethod
    def _take_words(cls, reader: EditReader, *, require_prompt: bool) -> dict[str, Any]:  # noqa: ARG003 (never needed)
        model, prompt = reader.chosen, reader.text("prompt", gettext("the prompt"), required=False)
        if prompt and not _video_of(reader).takes_prompt:
            reader.refuse("prompt", gettext("%(name)s takes no words; leave them out.") % {"name": model.name})
        if not prompt and _video_of(reader).takes_prompt:
            prompt = words_of(reader.pictures[:1])
        return {
            "prompt": prompt,
            "num_images": 1,
            "num_inference_steps": model.default_steps,
            "guidance_scale": model.default_guidance,
            # A walk through noise needs the sampler whose way can be gone back.
            "scheduler": "ddim" if "ddim" in model.schedulers else model.schedulers[0],
            "seed": reader.seed(),
            "loras": reader.loras(model),
        }


def _video_of(reader: EditReader) -> Video:
    video = reader.chosen.video
    assert video is not None, "who can do the task says how long its videos are"
    return video
