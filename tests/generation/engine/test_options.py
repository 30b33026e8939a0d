"""What a task needs is asked for by name, and how large its result is follows from it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from generation.engine import protocol
from generation.engine.options import (
    OPTIONS,
    BlendOptions,
    ControlNetOptions,
    ImageToImageOptions,
    ImageToVideoOptions,
    InpaintOptions,
    InstructOptions,
    Options,
    OutpaintOptions,
    RemoveBackgroundOptions,
    ReplaceBackgroundOptions,
    TextToImageOptions,
    UpscaleOptions,
    VariationsOptions,
)
from generation.engine.protocol import BatchRequest, Input, ModelSpec, ProtocolError, Run
from tests.generation.engine.asking import request_of

GOOD: dict[str, Options] = {
    "text-to-image": TextToImageOptions(),
    "image-to-image": ImageToImageOptions(0.6),
    "inpaint": InpaintOptions(1.0, 8),
    "outpaint": OutpaintOptions(0, 64, 0, 0, 16),
    "blend": BlendOptions((0.5, 0.5), 0.5),
    "remove-background": RemoveBackgroundOptions(1),
    "replace-background": ReplaceBackgroundOptions(1),
    "upscale": UpscaleOptions(2),
    "variations": VariationsOptions(0.3),
    "instruct": InstructOptions(1.5),
    "controlnet": ControlNetOptions("canny", 1.0, 100, 200, False),
    "image-to-video": ImageToVideoOptions(12, 8, 0.5),
}


def asked(task: str, options: Options, roles: tuple[str, ...] | None = None) -> BatchRequest:
    """Return a request for one picture of a task, with the inputs it must have."""
    plain = request_of(Path("/scratch"))
    named = options.required if roles is None else roles
    inputs = tuple(Input(role, f"/scratch/{role}.npy") for role in named)
    image = dataclasses.replace(plain.images[0], inputs=inputs)
    return dataclasses.replace(plain, task=task, options=options, images=(image,))


def test_every_task_is_tried_here() -> None:
    assert GOOD.keys() == OPTIONS.keys()


@pytest.mark.parametrize("task", OPTIONS)
def test_a_task_arrives_as_it_was_sent(task: str) -> None:
    command = Run(asked(task, GOOD[task]))
    assert protocol.decode_command(protocol.encode(command)) == command


@pytest.mark.parametrize("task", OPTIONS)
def test_a_task_takes_its_own_options_alone(task: str) -> None:
    other = GOOD["inpaint" if task != "inpaint" else "upscale"]
    with pytest.raises(ProtocolError, match="options"):
        asked(task, other)
    body = json.loads(protocol.encode(Run(asked(task, GOOD[task]))))
    body["request"]["options"]["surprise"] = 1
    with pytest.raises(ProtocolError, match=r"options\.surprise"):
        protocol.decode_command(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("task", "roles"),
    [
        ("text-to-image", ("image",)),
        ("inpaint", ("image",)),
        ("inpaint", ("image", "mask", "mask")),
        ("image-to-image", ("image", "mask")),
        ("blend", ("image", "image_2", "image_3")),
        ("blend", ("image_2", "image")),
        ("upscale", ()),
        ("image-to-video", ("end_image",)),
    ],
)
def test_missing_doubled_and_strange_pictures_are_refused(task: str, roles: tuple[str, ...]) -> None:
    with pytest.raises(ProtocolError, match="inputs"):
        asked(task, GOOD[task], roles)


@pytest.mark.parametrize(
    ("kind", "facts", "named"),
    [
        (ImageToImageOptions, (0.0,), "strength"),
        (ImageToImageOptions, (float("nan"),), "strength"),
        (InpaintOptions, (1.0, 201), "feather"),
        (OutpaintOptions, (0, 0, 0, 0, 8), "sides"),
        (OutpaintOptions, (-1, 0, 0, 8, 8), "left"),
        (BlendOptions, ((1.0,), 0.5), "weights"),
        (BlendOptions, ((0.5, 0.6), 0.5), "sum"),
        (UpscaleOptions, (3,), "factor"),
        (ImageToVideoOptions, (1, 8, 0.5), "frames"),
        (ImageToVideoOptions, (12, 31, 0.5), "fps"),
        (ImageToVideoOptions, (12, 8, 1.1), "motion"),
        (InstructOptions, (0.5,), "image_guidance_scale"),
        (ControlNetOptions, ("colour", 1.0, 1, 2, False), "control"),
        (ControlNetOptions, ("canny", 1.0, 200, 100, False), "high_threshold"),
    ],
)
def test_an_option_out_of_bounds_is_refused_by_name(kind: type[Options], facts: tuple[Any, ...], named: str) -> None:
    with pytest.raises(ProtocolError, match=named):
        kind(*facts)


def test_the_size_of_a_result_follows_the_task() -> None:
    working, source = (128, 96), (640, 480)
    sizes = {task: options.result_size(working, source) for task, options in GOOD.items()}
    own = ("inpaint", "remove-background", "replace-background")
    assert {task for task, size in sizes.items() if size == source} == set(own)
    assert sizes["outpaint"] == (704, 480)
    assert sizes["upscale"] == (1280, 960)
    assert {task for task, size in sizes.items() if size == working} == OPTIONS.keys() - {*own, "outpaint", "upscale"}
    with pytest.raises(ProtocolError, match="picture"):
        GOOD["upscale"].result_size(working, None)


def test_what_is_built_in_has_no_folder() -> None:
    assert ModelSpec("grabcut", "grabcut", "").folder == ""
    with pytest.raises(ProtocolError, match="folder"):
        ModelSpec("grabcut", "grabcut", "/models/grabcut")


def test_a_tool_is_found_by_its_family() -> None:
    matting = ModelSpec("grabcut", "grabcut", "")
    request = dataclasses.replace(asked("replace-background", GOOD["replace-background"]), tools=(matting,))
    assert request.tool("matting", "grabcut") == matting
    assert request.tool("controlnet") is None
    assert request.images[0].input_path("image") == "/scratch/image.npy"
    assert request.images[0].input_path("strokes") is None
