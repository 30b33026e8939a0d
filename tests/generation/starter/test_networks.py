import torch

from generation.starter.autoencoder_training import encode_pictures
from generation.starter.dataset import draw
from generation.starter.networks import TOY, Sizes, fold_normalisation, make_unet, make_vae
from tests.generation.starter.conftest import Toys

SIZE = 64


def test_untrained_autoencoder_already_keeps_colours(toy_set: Toys) -> None:
    stream, shelf = toy_set
    vae = make_vae(sample_size=SIZE)
    pictures = [draw(stream, shelf, index, SIZE)[0] for index in range(8)]
    wanted = torch.tensor([picture.reshape(-1, 3).mean(0).tolist() for picture in pictures]) / 127.5 - 1
    latents = encode_pictures(vae, pictures)
    assert (latents[:, :3].mean((2, 3)) - wanted).abs().max() < 0.15


def test_folding_normalisation_leaves_pictures_alone() -> None:
    vae = make_vae(TOY, SIZE)
    pictures = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
    with torch.no_grad():
        latents = vae.encode(pictures).latent_dist.mean
        before = vae.decode(latents).sample
        mean, std = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
        fold_normalisation(vae, mean, std)
        folded = vae.encode(pictures).latent_dist.mean
        after = vae.decode(folded).sample
    assert torch.allclose(folded.mean((0, 2, 3)), torch.zeros(4), atol=1e-4)
    assert torch.allclose(folded.std((0, 2, 3)), torch.ones(4), atol=1e-3)
    assert torch.allclose(before, after, atol=1e-3)


def test_the_full_networks_fit_the_weight_budget() -> None:
    """48 MiB at half precision, UNet and autoencoder together."""
    parameters = sum(sum(p.numel() for p in made.parameters()) for made in (make_unet(), make_vae(Sizes())))

    assert 2 * parameters <= 48 * 2**20
