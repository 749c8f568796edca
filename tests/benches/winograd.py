"""Another engine for the benchmark `winograd`: runs a model on one picture, once for each line on standard input.

    python winograd.py ENGINE MODEL.onnx SIDE THREADS INPUT.f32 OUTPUT.f32

ENGINE is onnxruntime, openvino-f32, openvino-bf16 or ncnn. The input is three planes of SIDE by SIDE floats. The first run
writes the output and is not counted. The program then answers each line with the wall time and the CPU time of a run, in
seconds. ncnn runs MODEL.param and MODEL.bin if they exist; otherwise the model must be a Compact network, and is converted.
"""

import sys
import time
from pathlib import Path

import numpy as np

engine, model, side, threads, source, target = sys.argv[1:]
side, threads = int(side), int(threads)
pixels = np.fromfile(source, np.float32).reshape(1, 3, side, side)


def onnxruntime_run():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Spinning threads would take CPU time from the other engines.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: pixels})[0]


def openvino_run(precision):
    import openvino

    core = openvino.Core()
    network = core.read_model(model)
    network.reshape([1, 3, side, side])
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = core.compile_model(network, "CPU", settings).create_infer_request()
    return lambda: request.infer({0: pixels})[0]


def compact_as_ncnn(folder):
    """Converts a Compact network: convolutions and PReLUs, channels to pixels, plus the picture with repeated pixels."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(model).graph
    values = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    layers, weights, last = [], [], "a"
    layers += ["Input in 0 1 picture", "Split split 1 2 picture a b"]
    for node in graph.node:
        if node.op_type == "Conv":
            taps, bias = (values[name] for name in node.input[1:])
            size = taps.shape[2]
            settings = f"0={taps.shape[0]} 1={size} 4={size // 2} 5=1 6={taps.size}"
            layers.append(f"Convolution {node.name} 1 1 {last} {node.output[0]} {settings}")
            weights += [np.zeros(1, np.float32), taps, bias]
        elif node.op_type == "PRelu":
            slopes = values[node.input[1]]
            layers.append(f"PReLU {node.name} 1 1 {last} {node.output[0]} 0={slopes.size}")
            weights.append(slopes)
        elif node.op_type == "DepthToSpace":
            layers.append(f"PixelShuffle shuffle 1 1 {last} shuffled 0=4")
            break
        last = node.output[0]
    layers += ["Interp repeat 1 1 b repeated 0=1 1=4 2=4", "BinaryOp sum 2 1 shuffled repeated output"]
    blobs = sum(int(layer.split()[3]) for layer in layers)
    path = Path(folder) / "compact.param"
    path.write_text("\n".join(["7767517", f"{len(layers)} {blobs}", *layers]) + "\n")
    path.with_suffix(".bin").write_bytes(b"".join(np.ascontiguousarray(w, np.float32).tobytes() for w in weights))
    return path


def ncnn_run():
    import ncnn

    path = Path(model).with_suffix(".param")
    if not path.is_file():
        path = compact_as_ncnn(Path(target).parent)
    net = ncnn.Net()
    net.opt.num_threads = threads
    # 32-bit floats, like the other exact engines.
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.load_param(str(path))
    net.load_model(str(path.with_suffix(".bin")))
    given, made = net.input_names()[0], net.output_names()[0]

    def run():
        extractor = net.create_extractor()
        extractor.input(given, ncnn.Mat(pixels[0]))
        return np.array(extractor.extract(made)[1])

    return run


if engine == "onnxruntime":
    run = onnxruntime_run()
elif engine == "ncnn":
    run = ncnn_run()
else:
    run = openvino_run(engine.removeprefix("openvino-"))
np.asarray(run(), np.float32).tofile(target)
print("ready", flush=True)
for _ in sys.stdin:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)
