"""DreamBooth with LoRA: teach a base model one subject from a few pictures, and let it keep all else that it knows.

Source: Ruiz et al., "DreamBooth" (2022), and diffusers' training recipe: the subject under a word of its own,
pictures of its class from the base model itself beside it (prior preservation), latents and embeddings made once,
min-SNR weights. Each step's chance comes from the seed and the step's number, so a training that was interrupted
goes on as if it had not been.
"""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path

import numpy as np
import torch

from generation.engine.backend import TrainingWatch
from generation.engine.scratch import write_picture
from generation.engine.training import (
    QUARTERS,
    Checkpointed,
    Prepared,
    Sampled,
    Trained,
    TrainingRequest,
    TrainingStep,
)
from generation.inference.errors import InvalidRequest, NotLearned, PassCanceled
from generation.inference.loading import LoadedModel
from generation.inference.lora_layers import adapted, write_lora
from generation.inference.loss_curve import LossCurve
from generation.inference.training_checkpoint import Checkpoint, read_checkpoint, save_checkpoint
from generation.inference.training_latents import ClassDrawing, draw_class, draw_pixels, embed, encode_pictures
from generation.inference.training_loss import Noised, Schedule

logger = logging.getLogger(__name__)

FAMILIES = ("stable-diffusion", "stable-diffusion-xl")
RESULT, CHECKPOINT, CLASS = "lora.safetensors", "checkpoint.safetensors", "class.safetensors"
_GRADIENT_MAX = 1.0
# The rate falls to this share of its peak.
_LAST_RATE = 0.1
_REPORT_SECONDS = 1.0


def train(model: LoadedModel, request: TrainingRequest, watch: TrainingWatch) -> Trained:
    """Train a LoRA and return where it lies; what an earlier attempt left in the request's folder is gone on with.

    The model is as it was in the end. Raises: InvalidRequest for a family that is not trained; PassCanceled, after a
    checkpoint; NotLearned; OutOfMemory; OSError, the last checkpoint being whole.
    """
    if model.spec.family not in FAMILIES:
        raise InvalidRequest("family", model.spec.family, f"one of {', '.join(FAMILIES)}")
    Path(request.folder).mkdir(parents=True, exist_ok=True)
    unet = model.pipeline.unet
    processors, was_training = unet.attn_processors, unet.training
    training = _Training(model, request, watch)
    try:
        with adapted(
            unet, rank=request.recipe.rank, layers=request.recipe.layers, seed=request.seed
        ) as training.parameters:
            return training.run()
    finally:
        unet.set_attn_processor(processors)
        unet.disable_gradient_checkpointing()
        unet.train(was_training)


class _Training:
    """One attempt."""

    def __init__(self, model: LoadedModel, request: TrainingRequest, watch: TrainingWatch) -> None:
        self.model, self.request, self.watch = model, request, watch
        self.recipe = request.recipe
        self.folder = Path(request.folder)
        self.unet = model.pipeline.unet
        self.device = self.unet.device
        self.parameters: dict[str, torch.nn.Parameter] = {}
        self.schedule = Schedule(model.scheduler_config)
        self.curve = LossCurve(self.recipe.steps)
        self.step = 0
        self._pace = _Pace()
        self._optimizer: torch.optim.AdamW | None = None
        self._saved_step, self._saved_at = 0, time.monotonic()
        self._reported_at = 0.0

    def run(self) -> Trained:
        """Prepare, take the steps that are left, write the result."""
        self._prepare()
        self._resume()
        try:
            self._show_samples()
            while self.step < self.recipe.steps:
                self.pause()
                self._take_step()
                self._look_back()
        except PassCanceled:
            self._save()  # whoever changes their mind, or an operator who lets it go on, has lost nothing
            raise
        result = self.folder / RESULT
        write_lora(self.unet, result, torch.float32 if self.device.type == "cpu" else torch.float16)
        return Trained(self.request.id, str(result), self.recipe.rank, self.curve.points)

    def pause(self) -> None:
        """Let others have the device."""
        self.watch.pause_point(self._park, self._unpark)

    # --- before the steps -----------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make what the steps see; the LoRA changes nothing yet, so the class is drawn by the base model."""
        request, pipeline = self.request, self.model.pipeline
        drawing = ClassDrawing(
            self.folder / CLASS,
            request.seed,
            self.recipe.resolution,
            lambda done, of: self.watch.tell(Prepared(request.id, done, of)),
            self.pause,
            request.base_sha256,
        )
        prompts = [picture.prompt for picture in request.pictures]
        self.words = embed(pipeline, [*prompts, *request.class_prompts], self.recipe.resolution)
        self.latents = encode_pictures(
            pipeline, request.pictures, self.recipe.resolution, self.recipe.crops, self.pause
        )
        count = self.recipe.class_pictures
        self.class_latents = (
            draw_class(self.model, request.class_prompts, count, request.sampling, drawing) if count else None
        )

    def _resume(self) -> None:
        """Set the optimizer up, and go on from the last checkpoint if there is one."""
        if self.device.type == "cpu":
            from diffusers.models.attention_processor import AttnProcessor

            # Plain matrix products: for small maps the fused kernel's backward pass takes several times as long.
            self.unet.set_attn_processor(AttnProcessor())
        if self.recipe.gradient_checkpointing:
            self.unet.enable_gradient_checkpointing()
        self.unet.train()
        self._optimizer = torch.optim.AdamW(self.parameters.values(), self.recipe.learning_rate, weight_decay=1e-2)
        found = read_checkpoint(self.folder / CHECKPOINT, self._fingerprint())
        if found is None:
            return
        for name, parameter in self.parameters.items():
            parameter.data.copy_(found.weights[name])
            self._optimizer.state[parameter] = {
                "step": torch.tensor(float(found.step)),
                "exp_avg": found.first_moments[name].to(parameter.device),
                "exp_avg_sq": found.second_moments[name].to(parameter.device),
            }
        self.step = self._saved_step = found.step
        self.curve = LossCurve(self.recipe.steps, found.points, found.average)
        self.watch.tell(Checkpointed(self.request.id, self.step, is_new=False))
        logger.info("training %s goes on from step %s", self.request.id, self.step)

    def _fingerprint(self) -> str:
        """Return what tells another recipe, base or set of prompts; how often is saved does not matter."""
        facts = (
            self.model.spec.slug,
            self.request.base_sha256,
            [picture.prompt for picture in self.request.pictures],
            self.request.class_prompts,
            self.request.seed,
            *(value for name, value in sorted(vars(self.recipe).items()) if name != "checkpoint_seconds"),
        )
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    # --- a step ---------------------------------------------------------------------------------------

    def _take_step(self) -> None:
        assert self._optimizer is not None
        for group in self._optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * self._rate()
        loss = self._loss(torch.Generator("cpu").manual_seed(self.request.seed * 1_000_003 + self.step))
        loss.backward()  # type: ignore[no-untyped-call]
        value = loss.item()
        if not np.isfinite(value):
            raise NotLearned(self.model.spec.slug, self.step + 1)
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), _GRADIENT_MAX)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.curve.add(self.step, value)
        self._pace.tick()

    def _loss(self, generator: torch.Generator) -> torch.Tensor:
        """Return the loss of one step: pictures of the subject, and beside them as many of the class."""
        count, prompts = self.recipe.batch_size, len(self.request.pictures)
        chosen = torch.randperm(len(self.latents), generator=generator)[:count]
        latents, places = [self.latents[chosen]], [chosen // self.recipe.crops]
        if self.class_latents is not None:
            beside = torch.randperm(len(self.class_latents), generator=generator)[: len(chosen)]
            latents.append(self.class_latents[beside])
            places.append(prompts + beside % len(self.request.class_prompts))
        noised = [self._noise(part, generator) for part in latents]
        words = self.words.take(torch.cat(places).to(self.words.embeddings.device))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            predicted = self.unet(
                torch.cat([part.latents for part in noised]),
                torch.cat([part.timesteps for part in noised]),
                **words.arguments(),
            ).sample
        parts = predicted.split([len(part.latents) for part in noised])
        losses = [part.loss(said).mean() for part, said in zip(noised, parts, strict=True)]
        return losses[0] if len(losses) == 1 else losses[0] + self.recipe.prior_weight * losses[1]

    def _noise(self, latents: torch.Tensor, generator: torch.Generator) -> Noised:
        return self.schedule.noise(
            latents.to(self.device), generator, noisy_share=self.recipe.noisy_share, snr_gamma=self.recipe.snr_gamma
        )

    def _rate(self) -> float:
        """Return the learning rate's share of its peak at this step: a short rise, then half a cosine down."""
        rise = min(1.0, (self.step + 1) / max(1, self.recipe.warmup_steps))
        fall = 0.5 * (1 + np.cos(np.pi * self.step / self.recipe.steps))
        return float(rise * (_LAST_RATE + (1 - _LAST_RATE) * fall))

    # --- after a step ---------------------------------------------------------------------------------

    def _look_back(self) -> None:
        """Say how it goes, draw a quarter's samples, write the checkpoint that is due."""
        now, is_last = time.monotonic(), self.step == self.recipe.steps
        if is_last or now - self._reported_at >= _REPORT_SECONDS:
            self._reported_at = now
            left = self._pace.seconds * (self.recipe.steps - self.step)
            self.watch.tell(
                TrainingStep(
                    self.request.id,
                    self.step,
                    self.recipe.steps,
                    self.curve.average,
                    self.curve.points,
                    round(left, 1),
                )
            )
        quarters = [quarter for quarter in range(1, QUARTERS + 1) if self.step == self._end_of(quarter)]
        for quarter in quarters:
            self._sample(quarter)
        if is_last or quarters or now - self._saved_at >= self.recipe.checkpoint_seconds:
            self._save()

    def _end_of(self, quarter: int) -> int:
        """Return the step after which a quarter's samples are drawn."""
        return max(1, self.recipe.steps * quarter // QUARTERS)

    def _show_samples(self) -> None:
        """Say once more what earlier attempts drew, for nobody may have heard; draw what they were kept from."""
        for quarter in range(1, QUARTERS + 1):
            if self.step < self._end_of(quarter):
                return
            paths = [self._sample_path(quarter, position) for position in range(len(self.request.sample_prompts))]
            if all(path.exists() for path in paths):
                self._tell_samples(quarter)
            elif self.step == self._end_of(quarter):
                self._sample(quarter)

    def _sample_path(self, quarter: int, position: int) -> Path:
        return self.folder / f"sample-{quarter}-{position}.npy"

    def _tell_samples(self, quarter: int) -> None:
        for position, prompt in enumerate(self.request.sample_prompts):
            path = str(self._sample_path(quarter, position))
            self.watch.tell(Sampled(self.request.id, quarter, position, prompt, path))

    def _sample(self, quarter: int) -> None:
        prompts = self.request.sample_prompts
        if not prompts:
            return
        self.unet.eval()
        seeds = range(self.request.seed, self.request.seed + len(prompts))
        drawn = draw_pixels(self.model, prompts, seeds, self.request.sampling, self.recipe.resolution, self.pause)
        self.unet.train()
        self._pace.skip()
        pixels = (drawn.float().clamp(0, 1) * 255).round().to(torch.uint8).movedim(1, -1).cpu().numpy()
        for position, picture in enumerate(pixels):
            write_picture(self._sample_path(quarter, position), picture)
        self._tell_samples(quarter)

    def _save(self) -> None:
        """Write a checkpoint, unless this step has one. Raises: OSError; the one before stays."""
        if self._optimizer is None or self.step == self._saved_step:
            return
        states = {name: self._optimizer.state[parameter] for name, parameter in self.parameters.items()}
        checkpoint = Checkpoint(
            self.step,
            {name: parameter.detach().cpu() for name, parameter in self.parameters.items()},
            {name: state["exp_avg"].cpu() for name, state in states.items()},
            {name: state["exp_avg_sq"].cpu() for name, state in states.items()},
            self.curve.points,
            self.curve.average,
        )
        save_checkpoint(self.folder / CHECKPOINT, checkpoint, self._fingerprint())
        self._saved_step, self._saved_at = self.step, time.monotonic()
        self.watch.tell(Checkpointed(self.request.id, self.step))

    # --- giving the device away -----------------------------------------------------------------------

    def _park(self) -> None:
        self._move(torch.device("cpu"))
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _unpark(self) -> None:
        self._move(self.device)
        self._pace.skip()

    def _move(self, device: torch.device) -> None:
        """Bring all that is large to a device; the cached latents lie on the CPU anyway."""
        if self.device.type == "cpu":
            return
        self.model.pipeline.to(device)
        for state in self._optimizer.state.values() if self._optimizer else ():
            for name in ("exp_avg", "exp_avg_sq"):
                state[name] = state[name].to(device)


class _Pace:
    """How long a step takes, as a moving average; what lies between two steps and is none is skipped."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last: float | None = None

    def tick(self) -> None:
        now = time.monotonic()
        if self._last is not None:
            took = now - self._last
            self.seconds = took if not self.seconds else 0.9 * self.seconds + 0.1 * took
        self._last = now

    def skip(self) -> None:
        self._last = None
