"""A picture's reproducibility manifest: everything that it takes to draw it again, as plain facts for JSON.

What was true when it was drawn was written down then (`environments`, the run's settings, its inputs); nothing is
looked up in today's files. What was not recorded is null.
"""

import json
from typing import Any

from generation.models import Clip, Image, JobInput

FORMAT = "getimg.manifest/1"
# Of the settings, those that stand on their own.
_APART = {"prompt", "negative_prompt", "seed", "num_images", "loras", "pictures", "scheduler", "model"}


def of_picture(image: Image) -> dict[str, Any]:
    """Return the manifest. Reads the picture's run, its inputs, its environment and its video."""
    job, facts = image.job, image.environment.facts if image.environment else {}
    prompt, negative_prompt = job.words_of(image.index)
    return {
        "format": FORMAT,
        "picture": str(image.pk),
        "run": str(job.pk),
        "made_at": image.created_at.isoformat(),
        "task": job.task,
        "prompt": prompt,
        "negative_prompt": negative_prompt,
        "seed": image.seed,
        "scheduler": job.params.get("scheduler"),
        "settings": {name: value for name, value in job.params.items() if name not in _APART},
        "inputs": [_input(one) for one in job.inputs.all()],
        "model": {
            "id": job.served_by,
            "asked_for": job.model,
            "weights_sha256": facts.get("model", {}).get("weights_sha256"),
        },
        "tools": facts.get("tools", []),
        "loras": [
            {"id": one["id"], "sha256": one["sha256"], "weight": one["weight"]} for one in job.params.get("loras", ())
        ],
        "device": facts.get("device"),
        "pass": {"place": image.pass_place, "size": image.pass_size} if image.pass_size else None,
        "dtype": facts.get("dtype"),
        "versions": facts.get("versions"),
        "pixels": {"sha256": image.pixels_sha256 or None, "width": image.width, "height": image.height},
        "file": {"sha256": image.sha256, "size_bytes": image.size_bytes, "content_type": image.content_type},
        "video": _video(image.video) if image.video else None,
    }


def as_json(image: Image) -> str:
    """Return the manifest as a file's text."""
    return json.dumps(of_picture(image), ensure_ascii=False, indent=2) + "\n"


def _video(clip: Clip) -> dict[str, Any]:
    return {
        "sha256": clip.sha256,
        "frames_sha256": clip.frames_sha256 or None,
        "frames": clip.frames,
        "fps": clip.fps,
    }


def _input(one: JobInput) -> dict[str, Any]:
    return {
        "role": one.role,
        "kind": one.kind,
        "id": str(one.source_id),
        "sha256": one.sha256 or None,
        "width": one.width,
        "height": one.height,
    }
