"""Networks with random weights, of architectures for which no network with a free licence can be downloaded.

`networks.py` writes them beside the real ones, for the tests and the benchmarks of speed. The same seed always gives the same
bytes. Nothing here may be used to judge a picture.
"""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

# The mean of the colours that SPAN subtracts.
MEAN = [0.4488, 0.4371, 0.4040]


class Network:
    """A network under construction, in ONNX and in ncnn's format at once. Values have the same names in both."""

    def __init__(self, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.nodes, self.constants, self.layers, self.weights, self.channels = [], [], [], [], {"input": 3}

    def constant(self, values, dtype=np.float32):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, kind, inputs, channels, **attributes):
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        self.channels[name] = channels
        return name

    def layer(self, kind, inputs, output, settings=""):
        self.layers.append((kind, [*inputs], output, settings))
        return output

    def convolution(self, value, outputs, kernel=3, stride=1, gain=1.0, shift=0.0, slope=None):
        """A convolution whose results have about `gain` times the magnitude of its input, and a slope for negative ones."""
        channels, padding = self.channels[value], (kernel - stride) // 2
        bound = gain * np.sqrt(3.0 / (channels * kernel**2))
        taps = ((2 * self.random.random((outputs, channels, kernel, kernel)) - 1) * bound).astype(np.float32)
        bias = (shift + 0.1 * (2 * self.random.random(outputs) - 1)).astype(np.float32)
        names = [value, self.constant(taps), self.constant(bias)]
        name = self.node("Conv", names, outputs, strides=[stride] * 2, pads=[padding] * 4)
        settings = f"0={outputs} 1={kernel} 3={stride} 4={padding} 5=1 6={taps.size}"
        if slope is not None:
            name = self.node("LeakyRelu", [name], outputs, alpha=slope)
            settings += f" 9=2 -23310=1,{slope}"
        self.weights += [np.zeros(1, np.float32), taps, bias]
        return self.layer("Convolution", [value], name, settings)

    def sum(self, a, b):
        return self.layer("BinaryOp", [a, b], self.node("Add", [a, b], self.channels[a]), "0=0")

    def product(self, a, b):
        return self.layer("BinaryOp", [a, b], self.node("Mul", [a, b], self.channels[a]), "0=2")

    def times(self, value, factor):
        name = self.node("Mul", [value, self.constant(factor)], self.channels[value])
        return self.layer("BinaryOp", [value], name, f"0=2 1=1 2={factor}")

    def sigmoid(self, value):
        return self.layer("Sigmoid", [value], self.node("Sigmoid", [value], self.channels[value]))

    def less_half(self, value):
        name = self.node("Sub", [value, self.constant(0.5)], self.channels[value])
        return self.layer("BinaryOp", [value], name, "0=1 1=1 2=0.5")

    def silu(self, value):
        gate = self.node("Sigmoid", [value], self.channels[value])
        return self.layer("Swish", [value], self.node("Mul", [value, gate], self.channels[value]))

    def normalised(self, value):
        centred = self.node("Sub", [value, self.constant(np.reshape(MEAN, (1, 3, 1, 1)))], 3)
        name = self.node("Mul", [centred, self.constant(255)], 3)
        # ncnn's own layer for this crashes on the input, so it gets the same as a convolution.
        taps, bias = (255 * np.eye(3)).astype(np.float32), (-255 * np.array(MEAN)).astype(np.float32)
        self.weights += [np.zeros(1, np.float32), taps, bias]
        return self.layer("Convolution", [value], name, "0=3 1=1 5=1 6=9")

    def joined(self, values):
        channels = sum(self.channels[value] for value in values)
        return self.layer("Concat", values, self.node("Concat", values, channels, axis=1), "0=0")

    def shuffled(self, value, factor):
        channels = self.channels[value] // factor**2
        name = self.node("DepthToSpace", [value], channels, blocksize=factor, mode="CRD")
        return self.layer("PixelShuffle", [value], name, f"0={factor}")

    def repeated(self, value, factor):
        modes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        name = self.node("Resize", [value, "", self.constant([1, 1, factor, factor])], self.channels[value], **modes)
        return self.layer("Interp", [value], name, f"0=1 1={factor} 2={factor}")

    def onnx(self, name, result):
        nodes = [*self.nodes, helper.make_node("Identity", [result], ["output"])]
        picture = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, *sides])
            for name, sides in (("input", ["height", "width"]), ("output", ["tall", "wide"]))
        ]
        graph = helper.make_graph(nodes, name, picture[:1], picture[1:], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="", ir_version=7)
        checker.check_model(model)
        return model

    def ncnn(self):
        """The layers and the weights. A value with several readers becomes as many copies, as ncnn demands."""
        readers = {}
        for _, inputs, _, _ in self.layers:
            for name in inputs:
                readers[name] = readers.get(name, 0) + 1
        taken, lines = {}, []

        def made(name):
            if readers.get(name, 0) > 1:
                copies = " ".join(f"{name}_{i}" for i in range(readers[name]))
                lines.append(f"Split split_{name} 1 {readers[name]} {name} {copies}")

        def copy(name):
            taken[name] = taken.get(name, 0) + 1
            return f"{name}_{taken[name] - 1}" if readers[name] > 1 else name

        lines.append("Input input 0 1 input")
        made("input")
        for number, (kind, inputs, output, settings) in enumerate(self.layers):
            given = " ".join(copy(name) for name in inputs)
            lines.append(f"{kind} layer{number} {len(inputs)} 1 {given} {output} {settings}".rstrip())
            made(output)
        blobs = sum(int(line.split()[3]) for line in lines)
        param = "\n".join(["7767517", f"{len(lines)} {blobs}", *lines]) + "\n"
        return param, b"".join(np.ascontiguousarray(weights, np.float32).tobytes() for weights in self.weights)


def span(network, features=48, blocks=6, scale=4):
    """SPAN with its convolutions fused, as it is run."""
    first = network.convolution(network.normalised("input"), features, gain=0.04)
    value, outs, firsts = first, [], []
    for _ in range(blocks):
        one = network.silu(network.convolution(value, features, gain=1.4))
        two = network.silu(network.convolution(one, features, gain=1.4))
        three = network.convolution(two, features, gain=1.4, shift=1.0)
        gate = network.less_half(network.sigmoid(three))
        value = network.product(network.sum(three, value), gate)
        outs.append(value)
        firsts.append(one)
    joined = network.joined([first, network.convolution(value, features), outs[0], firsts[-1]])
    together = network.convolution(joined, features, kernel=1)
    return network.shuffled(network.convolution(together, 3 * scale**2, gain=0.08, shift=0.5), scale)


def rrdb_unshuffled(network, features=64, growth=32, blocks=6, factor=2, doublings=2):
    """RRDB whose first convolution reads squares of `factor`² pixels, which is a convolution with that stride."""
    first = network.convolution("input", features, kernel=3 * factor, stride=factor)
    value = first
    for _ in range(blocks):
        block = value
        for _ in range(3):
            parts = [value]
            for _ in range(4):
                joined = network.joined(parts) if len(parts) > 1 else value
                parts.append(network.convolution(joined, growth, gain=1.3, slope=0.2))
            last = network.convolution(network.joined(parts), features)
            value = network.sum(network.times(last, 0.2), value)
        value = network.sum(network.times(value, 0.2), block)
    value = network.sum(network.convolution(value, features), first)
    for _ in range(doublings):
        value = network.convolution(network.repeated(value, 2), features, gain=1.3, slope=0.2)
    value = network.convolution(value, features, gain=1.3, slope=0.2)
    return network.convolution(value, 3, gain=0.2, shift=0.5)


# name, seed, what builds it
NETWORKS = [("span", 16, span), ("rrdb-unshuffled", 17, rrdb_unshuffled)]


def networks():
    """Yields the name, the ONNX model, and ncnn's two files of each network."""
    for name, seed, build in NETWORKS:
        network = Network(seed)
        result = build(network)
        yield name, network.onnx(name, result), *network.ncnn()
