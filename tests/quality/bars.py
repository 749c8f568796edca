"""The quality that presets must reach, and whether they do."""

import numpy as np

# Means over the photos, in dB above bicubic. Those of *clean* apply if it chooses its own level and all models are installed.
CRISP = {2: 1.8, 3: 1.3, 4: 1.0}
CRISP_BUILT_IN = {2: 1.6, 3: 1.0, 4: 0.8}
CLEAN = {("jpeg60", 2): 0.6, ("noise10", 2): 1.5, ("noise10", 3): 1.5, ("noise10", 4): 1.5}
# How much worse than bicubic, in dB, a picture may be that the preset is meant for.
WORSE = 0.3
MEANT_FOR = {"crisp": ["clean"], "clean": ["clean", "jpeg60", "noise10", "both"]}
# How far the mean of a colour channel may move, out of 255.
DRIFT = 0.5


def judge(figures: list[dict], presets: list[str], built_in: bool, own_level: bool) -> list[tuple[bool, str]]:
    """For each bar that was measured: whether it is met, and a sentence."""
    of = lambda **wanted: [f for f in figures if all(f[key] == value for key, value in wanted.items())]
    bicubic = {(f["picture"], f["scale"], f["wear"]): f["psnr"] for f in of(method="bicubic")}
    over = lambda found: [f["psnr"] - bicubic[f["picture"], f["scale"], f["wear"]] for f in found]
    means = [("crisp", "clean", scale, least) for scale, least in (CRISP_BUILT_IN if built_in else CRISP).items()]
    if own_level and not built_in:
        means += [("clean", wear, scale, least) for (wear, scale), least in CLEAN.items()]
    judged = []
    for preset, wear, scale, least in means:
        found = of(method=preset, wear=wear, scale=scale, kind="photos")
        if found:
            mean = float(np.mean(over(found)))
            judged.append((mean >= least, f"{preset}, {wear}, ×{scale}: {mean:+.2f} dB over bicubic, at least +{least}"))
    for preset, wears in MEANT_FOR.items():
        found = [f for f in of(method=preset) if f["wear"] in wears and (own_level or preset != "clean")]
        if found:
            worst, f = min(zip(over(found), found), key=lambda pair: pair[0])
            place = f"{f['picture']}, {f['wear']}, ×{f['scale']}"
            judged.append((worst >= -WORSE, f"{preset}: worst picture {worst:+.2f} dB ({place}), at least -{WORSE}"))
    for preset in presets:
        if found := of(method=preset):
            f = max(found, key=lambda f: f["drift"])
            place = f"{f['picture']}, {f['wear']}, ×{f['scale']}"
            judged.append((f["drift"] <= DRIFT, f"{preset}: largest drift {f['drift']:.2f} ({place}), at most {DRIFT}"))
    return judged
