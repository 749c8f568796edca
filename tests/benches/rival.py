"""The rival of `pipeline rival`: runs a model on a whole picture with onnxruntime, once for each line on standard input.

    python rival.py MODEL.onnx WIDTH HEIGHT

Prints the seconds of each run.
"""

import sys
import time

import numpy as np
import onnxruntime

model, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
pixels = np.random.default_rng(1).random((1, 3, height, width), dtype=np.float32)
for _ in sys.stdin:
    start = time.perf_counter()
    session.run(None, {"input": pixels})
    print(time.perf_counter() - start, flush=True)
