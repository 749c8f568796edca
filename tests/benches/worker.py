"""What it costs to let the library work in a process of its own: 12 megapixels to 48, loaded and in a worker, alternately.

    worker.py ROUNDS [PRESET]    with ENLARGER_LIBRARY and PYTHONPATH set; PRESET: natural by default; or nearest, the method, which
                                 takes no time and so leaves what the worker costs in seconds

Prints the wall time of run() (pixels in memory) and of stream() (rows by callbacks), and the CPU time of all threads of both processes, in
seconds: the smallest of that many rounds, and the difference in percent. Each measurement is a process of its own, with the networks opened
before. Then the time of a call that does nothing.
"""

import json
import os
import subprocess
import sys

ONE = """
import json, os, sys, time
import enlarger

way, kind, preset = sys.argv[1:]
enlarger.set_way(way)
width, height = 4000, 3000
row = bytes((x * 7 + x // 9 * 31) & 255 for x in range(width * 3 + 300))
rows = [row[3 * (y % 97) : 3 * (y % 97 + width)] for y in range(height)]
settings = {"factor": 2, "denoise": 20} if preset == "natural" else {"factor": 2}
one = enlarger.Upscaler(method=preset) if preset == "nearest" else enlarger.Upscaler(preset=preset)
one.run(bytes(3 * 64 * 64), 64, 64, "rgb u8", **settings)

def used():
    cpu = time.process_time()
    if way == "worker":
        with open(f"/proc/{enlarger._load.load().process}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        cpu += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return cpu

if kind == "call":
    began, times = time.monotonic(), 2000
    cancel = enlarger.Cancel()
    for _ in range(times):
        cancel.requested
    print(json.dumps([(time.monotonic() - began) / times, 0]))
    sys.exit()
pixels, out = b"".join(rows), bytearray(width * height * 12)
began, cpu = time.monotonic(), used()
if kind == "run":
    one.run(pixels, width, height, "rgb u8", out=out, **settings)
else:
    def write(y, row):
        out[y * width * 6 : (y + 1) * width * 6] = row
    one.stream(lambda x, y, count: rows[y][3 * x : 3 * (x + count)], write, width, height, "rgb u8", **settings)
print(json.dumps([time.monotonic() - began, used() - cpu]))
"""


def measured(way, kind, preset):
    command = [sys.executable, "-c", ONE, way, kind, preset]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ).stdout)


def main():
    rounds, preset = int(sys.argv[1]), (sys.argv[2:] or ["natural"])[0]
    print(f"{preset}, 12 to 48 megapixels: loaded, in a worker, difference")
    for kind in ("run", "stream"):
        made = {"library": [], "worker": []}
        for _ in range(rounds):
            for way, times in made.items():
                times.append(measured(way, kind, preset))
        for clock, name in enumerate(("wall", "CPU")):
            loaded, worker = (min(one[clock] for one in times) for times in made.values())
            print(f"  {kind:6} {name:4} {loaded:8.2f} {worker:8.2f} {100 * (worker / loaded - 1):+6.1f} %", flush=True)
    for way in ("library", "worker"):
        print(f"  a call that does nothing, {way}: {1e6 * min(measured(way, 'call', preset)[0] for _ in range(rounds)):.1f} µs")


if __name__ == "__main__":
    main()
