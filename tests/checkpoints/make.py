#!/usr/bin/env python3
"""Makes the golden checkpoints: small networks with random weights, and what PyTorch computes with them.

    python make.py [NAME ...]

Needs torch (a CPU build suffices), spandrel 0.4.2 and spandrel_extra_arches 0.2.0. Parts of the latter are for non-commercial use;
it only runs here, and nothing of it is kept. Each recipe in recipes/ gives three files: the checkpoint, NAME.toml (what to expect)
and NAME.f32 (samples of the output). The input follows from a formula; core/import/tests/checkpoints.rs has the same one.
"""

import collections
import importlib
import pathlib
import sys

import numpy
import torch

HERE = pathlib.Path(__file__).parent
SAMPLES = 4096


def picture(channels, height, width):
    """Noise from 0 to 1: the hash of each sample's index."""
    x = numpy.arange(channels * height * width, dtype=numpy.uint64)
    for _ in range(2):
        x = ((x >> numpy.uint64(16)) ^ x) * numpy.uint64(0x45D9F3B) & numpy.uint64(0xFFFFFFFF)
    x = (x >> numpy.uint64(16)) ^ x
    return torch.from_numpy((x / 2.0**32).astype(numpy.float32)).reshape(1, channels, height, width)


def samples(output):
    """About 4096 samples of the output, at a distance that is odd, so that they lie at all places."""
    flat = output.detach().float().numpy().ravel()
    return flat[:: (flat.size // SAMPLES) | 1]


def shaken(network):
    """Gives parameters that start at zero or one other values: dead parts of a network prove nothing."""
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.is_floating_point() and parameter.numel():
                if parameter.abs().max() == 0 or (parameter - 1).abs().max() == 0:
                    parameter.add_(torch.randn_like(parameter) * 0.1)
                parameter.copy_(parameter.half().float())
        for name, buffer in network.named_buffers():
            if name.endswith("running_var"):
                buffer.copy_((torch.rand_like(buffer) + 0.5).half().float())
            elif name.endswith("running_mean"):
                buffer.copy_((torch.randn_like(buffer) * 0.1).half().float())
    return network.eval()


def save(state, container, stem):
    """Writes the checkpoint in one of the containers that people use. Returns its file name."""
    state = collections.OrderedDict((name, tensor.contiguous()) for name, tensor in state.items())
    half = collections.OrderedDict((n, t.half() if t.is_floating_point() else t) for n, t in state.items())
    path = HERE / f"{stem}.{'safetensors' if 'safetensors' in container else 'pth'}"
    if "safetensors" in container:
        from safetensors.torch import save_file

        save_file(dict(half if "half" in container else state), str(path))
        return path.name
    content = {
        "plain": {"params": state},
        "half": {"params": half},
        # The copy that must not be used is wrong on purpose.
        "two copies": {
            "params": {n: t + 0.3 if t.is_floating_point() else t for n, t in half.items()},
            "params_ema": half,
        },
        "module": {"state_dict": collections.OrderedDict((f"module.{n}", t) for n, t in half.items())},
        "legacy": half,
    }[container]
    torch.save(content, path, _use_new_zipfile_serialization=container != "legacy")
    return path.name


def make(recipe):
    torch.manual_seed(sum(map(ord, recipe.name)))
    network = shaken(recipe.network())
    file = save(recipe.state(network.state_dict()), recipe.container, recipe.name)
    channels, height, width = recipe.size
    with torch.no_grad():
        output = recipe.run(network, picture(channels, height, width))
    samples(output).astype("<f4").tofile(HERE / f"{recipe.name}.f32")
    (HERE / f"{recipe.name}.toml").write_text(
        f'file = "{file}"\narchitecture = "{recipe.architecture}"\nscale = {recipe.scale}\n'
        f"input = [{channels}, {height}, {width}]\noutput = {list(output.shape[1:])}\n"
        f"engines = [{', '.join(chr(34) + e + chr(34) for e in recipe.engines)}]\n"
    )
    print(f"{recipe.name:28} {tuple(output.shape)} {float(output.min()):8.2f} to {float(output.max()):.2f}", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    for module in sorted((HERE / "recipes").glob("[a-z]*.py")):
        for recipe in getattr(importlib.import_module(f"recipes.{module.stem}"), "RECIPES", []):
            if len(sys.argv) == 1 or recipe.name in sys.argv[1:]:
                make(recipe)
