"""Makes the checkpoints in this folder: small networks of the architecture Compact whose results look like the picture.

    python recipe.py        needs torch and safetensors; it was run with torch 1.13.1

Compact adds its result to the picture, enlarged by whole pixels, so small random weights give a useful network. The files are
committed; the tests need no torch.
"""

import pathlib

import safetensors.torch
import torch

HERE = pathlib.Path(__file__).parent


def compact(features, convolutions, scale, seed):
    """The weights, by the names that training programs give them."""
    random = torch.Generator().manual_seed(seed)
    sizes = [3] + [features] * (convolutions + 1) + [3 * scale**2]
    weights = {}
    for index, (before, after) in enumerate(zip(sizes, sizes[1:])):
        weights[f"body.{2 * index}.weight"] = torch.randn(after, before, 3, 3, generator=random) * 0.2 / before**0.5
        weights[f"body.{2 * index}.bias"] = torch.zeros(after)
        if index < convolutions + 1:
            weights[f"body.{2 * index + 1}.weight"] = torch.full((features,), 0.2)
    last = f"body.{2 * len(sizes) - 4}.weight"
    weights[last] -= weights[last].mean(dim=(2, 3), keepdim=True)
    return weights


legacy = {"params": compact(16, 2, 2, 1)}
torch.save(legacy, HERE / "legacy-compact.pth", _use_new_zipfile_serialization=False)
safetensors.torch.save_file(compact(20, 3, 2, 2), HERE / "safe-compact.safetensors")
