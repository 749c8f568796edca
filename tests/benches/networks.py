"""A rival of `networks`: runs a model on one picture, once for each line on standard input.

    python networks.py ENGINE MODEL.onnx SIDE THREADS INPUT.f32 OUTPUT.f32

ENGINE is onnxruntime, openvino-f32 or openvino-bf16. The input is three planes of SIDE by SIDE floats. The first run
writes the output and is not counted; then each line is answered with the seconds that a run took.
"""

import sys
import time

import numpy as np

engine, model, side, threads, source, target = sys.argv[1:]
side, threads = int(side), int(threads)
pixels = np.fromfile(source, np.float32).reshape(1, 3, side, side)


def onnxruntime_run():
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait for work by spinning would take time from the other contenders.
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


if engine == "onnxruntime":
    run = onnxruntime_run()
else:
    run = openvino_run(engine.removeprefix("openvino-"))
np.asarray(run(), np.float32).tofile(target)
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    run()
    print(time.perf_counter() - start, flush=True)
