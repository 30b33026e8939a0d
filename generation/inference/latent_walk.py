"""Frames by a model that draws pictures: each from a noise a little further on a loop that begins at the source.

The source's own noise is found by going the sampler's way back, so that the loop's first frame is the source itself.
From there the noise turns slowly away and back, and the words take hold towards the middle and let go again. What the
model changed is laid on the source's own pixels; a camera (`camera.py`) moves over the result. With an end picture
there is no loop: the frames go along the arc from one picture's latents to the other's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from generation.engine.backend import Pixels, Watch
from generation.engine.options import END_IMAGE, IMAGE, ImageToVideoOptions
from generation.engine.protocol import BatchRequest, ImageRequest
from generation.inference import camera, canvas, prompts, sources
from generation.inference.denoising import to_pixels
from generation.inference.latents import decode, encode, slerp
from generation.inference.loading import LoadedModel
from generation.inference.schedulers import make_scheduler

# How far back into noise the frames are drawn from: further, small things (a mouth, a mast) come and go.
_STRENGTH = 0.5
# How far the noise turns away from the source's own at full motion, in radians.
_TURN = 0.9
# Frames that go through the model at once.
_CHUNK = 8
# Rounds to find the step that the sampler's step undoes; each makes the error about three times smaller at first.
_ROUNDS = 5
# Where the model changed a pixel by more (0 to 1), the source's fine detail no longer belongs there.
_DETAIL_TOLERANCE, _DETAIL_WINDOW = 0.06, 9
# Neighbouring frames' share in each, in latents.
_SMOOTHING = (0.25, 0.5, 0.25)


def draw(model: LoadedModel, request: BatchRequest, image: ImageRequest, watch: Watch) -> Pixels:
    """Return the frames (frames, height, width, 3). Raises: PassCanceled, NoPicture, OSError, ValueError."""
    options = request.options
    assert isinstance(options, ImageToVideoOptions)
    size = request.width, request.height
    read = [sources.read(image, IMAGE), sources.read_optional(image, END_IMAGE)]
    ends = [canvas.cover(canvas.opaque(pixels), *size) for pixels in read if pixels is not None]
    phases = camera.phases(options.frames, is_loop=len(ends) == 1)
    still = _Walk(model, request, image, watch, phases).frames(ends)
    matrices = camera.path(phases, options.motion, size, image.seed)
    return np.stack(camera.move(list(still), matrices))


@dataclass(frozen=True)
class _Words:
    """Embeddings of what to draw and of nothing, (1, tokens, width)."""

    wanted: torch.Tensor
    nothing: torch.Tensor


class _Walk:
    """One picture's walk through noise."""

    def __init__(
        self, model: LoadedModel, request: BatchRequest, image: ImageRequest, watch: Watch, phases: Sequence[float]
    ) -> None:
        assert isinstance(request.options, ImageToVideoOptions)
        self._model, self._request, self._image, self._watch = model, request, image, watch
        self._motion, self._phases = request.options.motion, phases
        self._unet = model.pipeline.unet
        self._scheduler = make_scheduler("ddim", model.spec.family, model.scheduler_config)
        self._scheduler.set_timesteps(request.num_inference_steps, device=self._unet.device)
        # From the noisiest of the last half to the least.
        self._timesteps = self._scheduler.timesteps[-max(1, int(request.num_inference_steps * _STRENGTH)) :]
        self._done = 0

    @torch.inference_mode()
    def frames(self, ends: list[Pixels]) -> Pixels:
        """Return what the model draws, the camera at rest: (frames, height, width, 3)."""
        words = self._embed()
        latents = encode(self._model, ends)
        noise = torch.stack([self._invert(each[None], words)[0] for each in latents])
        # With one end it is a loop; with two, smooth at both ends.
        along = [phase / (2 * math.pi) if len(ends) == 2 else 0.0 for phase in self._phases]
        shares = [share**2 * (3 - 2 * share) for share in along]
        starts = torch.stack([_between(latents, share) for share in shares])
        noises = self._turned([_between(noise, share) for share in shares])
        drawn = _smooth(self._denoise(starts, noises, words))
        return self._with_detail(drawn, ends, latents, shares)

    def _embed(self) -> _Words:
        given = prompts.arguments(self._model, [self._image], 2.0)
        if "prompt_embeds" in given:
            return _Words(given["prompt_embeds"], given["negative_prompt_embeds"])
        wanted, nothing = self._model.pipeline.encode_prompt(
            given["prompt"],
            device=self._unet.device,
            num_images_per_prompt=1,
            do_classifier_free_guidance=True,
            negative_prompt=given.get("negative_prompt"),
            negative_prompt_embeds=given.get("negative_prompt_embeds"),
        )
        return _Words(wanted, nothing)

    def _invert(self, latents: torch.Tensor, words: _Words) -> torch.Tensor:
        """Return the noise from which the model draws these latents where no words guide it.

        Source: Pan et al., Effective Real Image Editing with Accelerated Iterative Diffusion Inversion (2023), for the
        fixed point of each step.
        """
        alphas = self._scheduler.alphas_cumprod.to(latents.device)
        x, alpha_before = latents, self._scheduler.final_alpha_cumprod.to(latents.device)
        for timestep in self._timesteps.flip(0):
            alpha, further = alphas[timestep], x
            for _ in range(_ROUNDS):
                noise = self._noise_in(further, timestep, words.nothing, alpha)
                clean = (x - (1 - alpha_before).sqrt() * noise) / alpha_before.sqrt()
                further = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
            x, alpha_before = further, alpha
            self._step()
        furthest: torch.Tensor = (x - alpha_before.sqrt() * latents) / (1 - alpha_before).sqrt()
        return furthest

    def _noise_in(self, x: torch.Tensor, timestep: Any, words: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
        predicted = self._predict(x, timestep, words)
        kind = self._scheduler.config.prediction_type
        if kind == "v_prediction":
            return alpha.sqrt() * predicted + (1 - alpha).sqrt() * x
        return predicted if kind == "epsilon" else (x - alpha.sqrt() * predicted) / (1 - alpha).sqrt()

    def _predict(self, x: torch.Tensor, timestep: Any, words: torch.Tensor) -> torch.Tensor:
        taken = x.to(self._unet.dtype)
        return torch.as_tensor(self._unet(taken, timestep, encoder_hidden_states=words, return_dict=False)[0]).float()

    def _turned(self, noises: list[torch.Tensor]) -> torch.Tensor:
        """Return each frame's noise, turned towards two other noises on a way that goes out and comes back."""
        generator = torch.Generator("cpu").manual_seed(self._image.seed)
        first, second = (torch.randn(noises[0].shape, generator=generator).to(noises[0]) for _ in range(2))
        turned, reach = [], _TURN * self._motion
        for noise, phase in zip(noises, self._phases, strict=True):
            aside, away = reach * math.sin(phase), reach * (1 - math.cos(phase)) / 2
            angle = math.hypot(aside, away)
            towards = (first * aside + second * away) / max(angle, 1e-9)
            turned.append(noise * math.cos(angle) + towards * math.sin(angle))
        return torch.stack(turned)

    def _denoise(self, starts: torch.Tensor, noises: torch.Tensor, words: _Words) -> torch.Tensor:
        """Return the frames' latents; how much the words guide grows from nothing to the middle and falls again."""
        count = len(starts)
        phases = torch.tensor(self._phases, device=starts.device)
        guidances = (self._request.guidance_scale * (1 - phases.cos()) / 2).view(-1, 1, 1, 1)
        x = self._scheduler.add_noise(starts, noises, self._timesteps[:1].expand(count))
        for timestep in self._timesteps:
            predicted: list[torch.Tensor] = []
            for chunk, guidance in zip(torch.split(x, _CHUNK), torch.split(guidances, _CHUNK), strict=True):
                if predicted:
                    self._step()
                predicted.append(self._guided(chunk, timestep, words, guidance))
            output = self._scheduler.step(torch.cat(predicted), timestep, x)
            x = torch.as_tensor(output.prev_sample)
            # Before the step of the last chunk: whoever listens writes both at once.
            self._show(output.pred_original_sample)
            self._step()
        return torch.as_tensor(x)

    def _guided(self, x: torch.Tensor, timestep: Any, words: _Words, guidance: torch.Tensor) -> torch.Tensor:
        count = len(x)
        both = torch.cat([words.nothing.expand(count, -1, -1), words.wanted.expand(count, -1, -1)])
        plain, worded = self._predict(torch.cat([x, x]), timestep, both).chunk(2)
        return plain + guidance * (worded - plain)

    def _with_detail(
        self, drawn: torch.Tensor, ends: list[Pixels], latents: torch.Tensor, shares: list[float]
    ) -> Pixels:
        """Decode, and give back what the autoencoder lost of the sources where the model left them as they were."""
        plain = decode(self._model, latents)
        lost = canvas.to_tensor(ends).to(drawn.device) - plain
        frames = []
        for frame, share in zip(decode(self._model, drawn), shares, strict=True):
            detail = lost[0] * (1 - share) + lost[-1] * share
            changed = (frame - (plain[0] * (1 - share) + plain[-1] * share)).abs().mean(0, keepdim=True)
            nearby = torch.nn.functional.avg_pool2d(changed[None], _DETAIL_WINDOW, 1, _DETAIL_WINDOW // 2)[0]
            frames.append((frame + detail * torch.exp(-((nearby / _DETAIL_TOLERANCE) ** 2))).clamp(0, 1))
        return to_pixels(torch.stack(frames), self._model.spec.slug)

    def _step(self) -> None:
        """Say that a part of the way is done. Raises: PassCanceled."""
        self._done += 1
        chunks = math.ceil(len(self._phases) / _CHUNK)
        inversions = len(self._image.inputs)
        self._watch.step(self._done, len(self._timesteps) * (chunks + inversions))

    def _show(self, denoised: torch.Tensor) -> None:
        """Show the middle frame, which has changed most."""
        if self._request.preview and self._model.preview is not None:
            middle = denoised[len(denoised) // 2][None]
            self._watch.preview(self._image.key, self._model.preview.webps(middle)[0])


def _between(ends: torch.Tensor, share: float) -> torch.Tensor:
    """Return what lies `share` of the way from the first of (1 or 2, …) to the last."""
    return ends[0] if len(ends) == 1 else slerp(ends[0], ends[1], share)


def _smooth(latents: torch.Tensor) -> torch.Tensor:
    """Return frames (frames, …) averaged a little with those before and after; the first and last stay."""
    if len(latents) < len(_SMOOTHING):
        return latents
    before, here, after = _SMOOTHING
    middle = before * latents[:-2] + here * latents[1:-1] + after * latents[2:]
    return torch.cat([latents[:1], middle, latents[-1:]])
