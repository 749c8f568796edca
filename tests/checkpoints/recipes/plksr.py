"""PLKSR, and RealPLKSR with its two normalisations and with DySample."""

from spandrel.architectures.PLKSR import PLKSR, RealPLKSR

from . import Recipe


def plain(**settings):
    return lambda: PLKSR(n_blocks=2, **settings)


def real(**settings):
    return lambda: RealPLKSR(n_blocks=2, **settings)


RECIPES = [
    Recipe("plksr-x2", "PLKSR", 2, plain(dim=16, upscaling_factor=2, kernel_size=13), "half", (3, 19, 26)),
    Recipe("plksr-x3", "PLKSR", 3, plain(dim=12, upscaling_factor=3, ccm_type="DCCM", use_ea=False), "module", (3, 17, 22)),
    Recipe("realplksr-x4", "RealPLKSR", 4, real(dim=16, upscaling_factor=4), "half", (3, 16, 21)),
    Recipe("realplksr-x1-layers", "RealPLKSR", 1, real(dim=12, upscaling_factor=1, layer_norm=True), "half safetensors", (3, 23, 28)),
    Recipe("realplksr-x2-sampled", "RealPLKSR", 2, real(dim=12, upscaling_factor=2, kernel_size=9, dysample=True), "half", (3, 18, 25)),
    Recipe("realplksr-x3-sampled", "RealPLKSR", 3, real(dim=12, upscaling_factor=3, kernel_size=7, dysample=True), "legacy", (3, 15, 20)),
]
