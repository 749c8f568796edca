"""Time to the first patch of a preview, 256×256 pixels of the result: cold, in a new process, and warm.

    preview.py ROUNDS [MODEL]...    with ENLARGER_LIBRARY and PYTHONPATH set; MODEL: ids of installed models

Prints the smallest wall time and the CPU time of all threads, in seconds, of that many rounds. Cold means from the import of
the package on, including the library, the model, and a plan. Warm is another frame of the same picture with the same settings.
"""

import json
import subprocess
import sys

ONE = """
import json, sys, time
began, used = time.monotonic(), time.process_time()
from enlarger.frame import Look
from enlarger.host import Picture
from enlarger.preview import Preview
from enlarger.upscaler_cache import UpscalerCache

settings = json.loads(sys.argv[1])
picture = Picture("photo", 1500, 1000, "rgb u8")
row = bytes((x * 7 + x // 9 * 31) & 255 for x in range(1500 * 3 + 300))
preview = Preview(UpscalerCache(), lambda picture, rect: b"".join(
    row[3 * (rect.x + y % 97) : 3 * (rect.x + rect.width + y % 97)] for y in range(rect.y, rect.y + rect.height)
))

def patch(x, y):
    preview.request([picture], settings, Look(x, y, 256, 256))
    while preview.busy:
        preview.step(1.0)
    if preview.problem is not None:
        raise preview.problem

def taken():
    return [time.monotonic() - began, time.process_time() - used]

patch(300, 300)
cold = taken()
began, used = time.monotonic(), time.process_time()
patch(900, 500)
print(json.dumps([cold, taken()]))
"""


def measured(settings, rounds):
    """The smallest times: cold and warm, each wall and CPU."""
    made = []
    for _ in range(rounds):
        command = [sys.executable, "-c", ONE, json.dumps(settings)]
        made.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return [[min(one[kind][clock] for one in made) for clock in (0, 1)] for kind in (0, 1)]


def main():
    rounds, models = int(sys.argv[1]), sys.argv[2:]
    cases = [("natural, ×4", {"preset": "natural", "factor": 4}), ("natural, ×2", {"preset": "natural", "factor": 2})]
    cases += [("crisp, ×2", {"preset": "crisp", "factor": 2}), ("clean, ×2", {"preset": "clean", "factor": 2})]
    cases += [(f"{model}, ×4", {"model": model, "factor": 4}) for model in models]
    print(f"{'':32} {'cold':>7} {'CPU':>7} {'warm':>7} {'CPU':>7}  seconds")
    for name, settings in cases:
        (cold, cold_cpu), (warm, warm_cpu) = measured(settings, rounds)
        print(f"{name:32} {cold:7.2f} {cold_cpu:7.2f} {warm:7.2f} {warm_cpu:7.2f}", flush=True)


main()
