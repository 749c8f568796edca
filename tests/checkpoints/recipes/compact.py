"""Compact (SRVGGNetCompact)."""

from spandrel.architectures.Compact import Compact

from . import ALL, Recipe

RECIPES = [
    Recipe("compact-x2", "Compact", 2, lambda: Compact(num_feat=16, num_conv=4, upscale=2), "half", engines=ALL),
    Recipe("compact-x4", "Compact", 4, lambda: Compact(num_feat=24, num_conv=7, upscale=4), "two copies", engines=ALL),
    Recipe("compact-x1", "Compact", 1, lambda: Compact(num_feat=48, num_conv=3, upscale=1), "half safetensors", engines=ALL),
]
