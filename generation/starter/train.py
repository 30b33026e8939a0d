"""Train the starter model from nothing: ``python -m generation.starter.train``.

One command for every machine: two cores learn the common nouns in hours, a GPU everything in minutes
(``--size 256 --batch 512 --minutes 20 --shares 1 2 5``). A killed run goes on where its last checkpoint was.
What belongs here: the command line, the order of stages, the exported folder.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel

from generation.checksums import write_checksums
from generation.starter.autoencoder_training import train_autoencoder
from generation.starter.dataset import DEFAULT_CACHE, DEFAULT_SHARES, SceneStream, open_dataset
from generation.starter.loading import load_text_encoder
from generation.starter.networks import PIXELS_PER_LATENT, TOY, Sizes, make_scheduler, make_unet, make_vae
from generation.starter.scenes import DEFAULT_MIX
from generation.starter.training import Plan
from generation.starter.unet_training import CaptionEncoder, make_pools, train_unet

STAGES = ("vae", "unet", "decoder")
SHARD_SIZE = "14MB"
_PIPELINE_INDEX = {
    "_class_name": "StableDiffusionPipeline",
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "BertModel"],
    "tokenizer": ["transformers", "BertTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}

logger = logging.getLogger(__name__)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Train the starter model.")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="packages and checkpoints, outside git")
    parser.add_argument("--out", type=Path, help="folder of the finished model (default CACHE/model)")
    parser.add_argument("--init", type=Path, help="a model's folder to go on from; parts it lacks start from nothing")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=["vae", "unet"])
    parser.add_argument("--minutes", type=float, default=240, help="time for each UNet run, restarts counted in")
    parser.add_argument("--vae-minutes", type=float, default=60, help="time for the autoencoder, or its decoder alone")
    parser.add_argument("--steps", type=int, help="end each stage after so many steps instead")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--size", type=int, choices=(64, 128, 256), default=128, help="side of the pictures in pixels")
    parser.add_argument("--nouns", type=int, help="learn only so many nouns, the commonest first")
    parser.add_argument(
        "--shares", type=float, nargs=3, default=DEFAULT_SHARES,
        help="shares of scenes for the favourite nouns, the other common ones, the rest",
    )  # fmt: skip
    parser.add_argument("--pairs", type=float, help="weight of pairs among the kinds of scene")
    parser.add_argument("--pool", type=int, default=20000, help="scenes kept encoded")
    parser.add_argument("--prefill", type=int, default=1500, help="scenes encoded before the UNet's first step")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compile", action="store_true", help="compile the UNet first: pays after some minutes")
    parser.add_argument("--toy", action="store_true", help="tiny networks, to test the code")
    return parser.parse_args(arguments)


def train(options: argparse.Namespace) -> dict[str, list[float]]:
    """Run the chosen stages, export the model after each, and return each stage's losses."""
    torch.set_num_threads(options.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    sizes = TOY if options.toy else Sizes()
    vae, unet = _load_networks(options, sizes)
    vae.to(device), unet.to(device)
    nouns, shelf = open_dataset(options.cache, options.nouns)
    mix = replace(DEFAULT_MIX, pair=options.pairs) if options.pairs else DEFAULT_MIX
    stream = SceneStream(nouns, tuple(options.shares), options.seed, mix)
    logger.info("%d nouns, %s, UNet %.1f M, VAE %.1f M", len(nouns), device, _millions(unet), _millions(vae))
    out = options.out or options.cache / "model"
    checkpoints = options.cache / "checkpoints"
    plan = Plan(options.vae_minutes, options.steps, options.batch, options.learning_rate, seed=options.seed)
    losses: dict[str, list[float]] = {}
    if "vae" in options.stages:
        vae_plan = _autoencoder_plan(plan)
        losses["vae"] = train_autoencoder(vae, stream, shelf, vae_plan, checkpoints / "vae.pt", options.size)
        export(out, vae, unet)
    if "unet" in options.stages:
        text_encoder, tokenizer = load_text_encoder()
        captions = CaptionEncoder(text_encoder.to(device), tokenizer)
        start = options.seed * 10_000_019
        pools = make_pools(vae.eval(), captions, stream, shelf, options.size, options.pool, start)
        losses["unet"] = train_unet(
            unet, make_scheduler(), pools, captions.encode([""]), replace(plan, minutes=options.minutes),
            checkpoints / "unet.pt", prefill=options.prefill, compile_network=options.compile,
        )  # fmt: skip
        export(out, vae, unet)
    if "decoder" in options.stages:
        vae_plan, path = _autoencoder_plan(plan), checkpoints / "decoder.pt"
        losses["decoder"] = train_autoencoder(vae, stream, shelf, vae_plan, path, options.size, decoder_only=True)
        export(out, vae, unet)
    return losses


def export(folder: Path, vae: AutoencoderKL, unet: UNet2DConditionModel) -> None:
    """Write a diffusers folder in half precision, in small shards, with its checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, network in (("unet", unet), ("vae", vae)):
        for stale in (folder / name).glob("*.safetensors*"):
            stale.unlink()
        # A copy: training goes on in single precision.
        half = type(network).from_config(
            {key: value for key, value in network.config.items() if key != "_name_or_path"}
        )
        half.load_state_dict(network.state_dict())
        half.half().save_pretrained(folder / name, max_shard_size=SHARD_SIZE, safe_serialization=True)
        for path in (folder / name).iterdir():
            path.chmod(0o644)
    make_scheduler().save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(json.dumps(_PIPELINE_INDEX, indent=2) + "\n")
    write_checksums(folder)


def _autoencoder_plan(plan: Plan) -> Plan:
    """Its pictures are an eighth of a batch, each many times the work of a latent; it bears half the rate."""
    return replace(plan, batch=max(1, plan.batch // 8), learning_rate=plan.learning_rate / 2)


def _load_networks(options: argparse.Namespace, sizes: Sizes) -> tuple[AutoencoderKL, UNet2DConditionModel]:
    torch.manual_seed(options.seed)
    vae, unet = make_vae(sizes, options.size), make_unet(sizes, options.size // PIXELS_PER_LATENT)
    # An unfinished run of ours goes before what it started from: a finished stage's result lies in ``out``.
    if options.init is not None and (options.init / "vae").is_dir():
        vae = AutoencoderKL.from_pretrained(options.init / "vae", use_safetensors=True, dtype=torch.float32)
    if options.init is not None and (options.init / "unet").is_dir():
        unet = UNet2DConditionModel.from_pretrained(options.init / "unet", use_safetensors=True, dtype=torch.float32)
    return vae, unet


def _millions(network: torch.nn.Module) -> float:
    return sum(parameter.numel() for parameter in network.parameters()) / 1e6


def main() -> None:
    """Train from the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(parse_arguments())


if __name__ == "__main__":
    main()
