"""What *precise* and *creative* promise, measured on charts whose truth is known: where edges are, whether lettering stays legible, what a
result says about itself."""

import json
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

# The chart is drawn so many times finer than its pixels, and then averaged.
FINE = 8
SIDE = 160
SCALE = 2
# How far an edge may move, in pixels of the source, as the root of the mean of the squares over rows.
MOVED = 0.1
# The share of the modulation of *crisp* that strokes must keep.
LEGIBLE = 0.9
NOISES = (0, 5)


def averaged(fine: np.ndarray) -> np.ndarray:
    side = fine.shape[0] // FINE
    return fine.reshape(side, FINE, side, FINE).mean((1, 3))


def places() -> tuple[np.ndarray, np.ndarray]:
    """The x and y of the chart's fine samples, in pixels."""
    at = (np.arange(SIDE * FINE) + 0.5) / FINE
    return np.meshgrid(at, at)


def edge() -> np.ndarray:
    """A slanted edge; edge_at() says where it is."""
    x, y = places()
    return averaged(np.where(x < edge_at(y), 60.0, 190.0))


def edge_at(y: np.ndarray) -> np.ndarray:
    return SIDE / 2 + 0.1 * (y - SIDE / 2) + 0.2


def strokes() -> np.ndarray:
    """Dark strokes on paper, 1.5 to 3 pixels wide, as lettering of 8 to 16 pixels' height has them; one width in each of four bands."""
    x, y = places()
    width = np.choose((y // (SIDE / 4)).astype(int), WIDTHS)
    return averaged(np.where((x + 0.05 * y) % (2 * width) < width, 50.0, 210.0))


WIDTHS = (1.5, 2.0, 2.5, 3.0)


def crossings(made: np.ndarray) -> np.ndarray:
    """Where each row crosses the middle between the tones, in pixels of the source, and how far that is from the truth."""
    off = []
    for y in range(8 * SCALE, made.shape[0] - 8 * SCALE):
        row = made[y]
        truth = edge_at(np.array((y + 0.5) / SCALE)) * SCALE - 0.5
        near = np.arange(max(int(truth) - 6, 1), int(truth) + 7)
        across = [x for x in near if row[x - 1] < 125 <= row[x]]
        at = min((x - (row[x] - 125) / (row[x] - row[x - 1]) for x in across), key=lambda x: abs(x - truth), default=np.inf)
        off.append((at - truth) / SCALE)
    return np.array(off)


def modulation(made: np.ndarray) -> list[float]:
    """For each width of stroke, the amplitude of the pattern: twice that of its basic frequency, so that noise does not count."""
    found = []
    for band, width in enumerate(WIDTHS):
        rows = made[int((band + 0.2) * SIDE / 4 * SCALE) : int((band + 0.8) * SIDE / 4 * SCALE)]
        y, x = np.mgrid[: rows.shape[0], : rows.shape[1]]
        y = y + int((band + 0.2) * SIDE / 4 * SCALE)
        phase = 2 * np.pi * ((x + 0.5) / SCALE + 0.05 * (y + 0.5) / SCALE) / (2 * width)
        inner = (slice(None), slice(8 * SCALE, -8 * SCALE))
        wave = np.exp(-1j * phase[inner])
        found.append(2 * abs(((rows[inner] - rows[inner].mean()) * wave).mean()))
    return found


def chart(pixels: np.ndarray, noise: float, path: Path) -> Path:
    pixels = pixels + np.random.default_rng(7).normal(0, noise, pixels.shape) if noise else pixels
    gray = np.clip(np.round(pixels), 0, 255).astype(np.uint8)
    Image.fromarray(np.dstack([gray] * 3)).save(path)
    return path


def gray(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"), np.float64).mean(2)


def precise(command, out: Path) -> list[tuple[bool, str]]:
    """Whether *precise* keeps edges where they are and strokes as legible as *crisp*, without and with moderate noise."""
    out.mkdir(parents=True, exist_ok=True)
    judged = []
    for noise in NOISES:
        edges, lines = (chart(of(), noise, out / f"{of.__name__}-{noise}.png") for of in (edge, strokes))
        made = command.run([edges, lines], out / "precise", "precise", SCALE)
        off = crossings(gray(made[0]))
        moved = float(np.sqrt(np.mean(off**2)))
        judged.append((moved <= MOVED, f"precise, noise {noise}: edges moved by {moved:.3f} pixels, at most {MOVED}"))
        (crisp,) = command.run([lines], out / "crisp", "crisp", SCALE)
        shares = [a / b for a, b in zip(modulation(gray(made[1])), modulation(gray(crisp)))]
        words = ", ".join(f"{share:.2f} at {width}" for share, width in zip(shares, WIDTHS))
        sentence = f"precise, noise {noise}: modulation of strokes relative to crisp, by width in pixels: {words}; at least {LEGIBLE}"
        judged.append((min(shares) >= LEGIBLE, sentence))
        source_type = label(command, made[1])
        judged.append((source_type == "algorithmicallyEnhanced", f"precise, noise {noise}: the result is labelled {source_type}"))
    return judged


def creative(command, picture: Path, out: Path) -> list[tuple[bool, str]]:
    """Whether creativity adds detail, moves no colour, and is labelled; and whether 0 is the plain enlargement, without a label."""
    out.mkdir(parents=True, exist_ok=True)
    small = np.asarray(Image.open(picture).convert("RGB"), np.float64)
    judged, details = [], []
    for dial in (0, 50, 100):
        (path,) = command.run([picture], out / str(dial), "creative", 4, ["--creativity", dial])
        made = np.asarray(Image.open(path).convert("RGB"), np.float64)
        # The mean, because edges alone decide the square of it.
        details.append(float(np.abs(np.diff(made, axis=1)).mean()))
        drift = float(np.abs(made.mean((0, 1)) - small.mean((0, 1))).max())
        wanted = "compositeWithTrainedAlgorithmicMedia" if dial else "algorithmicallyEnhanced"
        found = label(command, path)
        judged.append((found == wanted, f"creative at {dial}: labelled {found}, as it must be {wanted}"))
        judged.append((drift <= 0.5, f"creative at {dial}: drift {drift:.2f}, at most 0.5"))
    words = ", ".join(f"{detail:.2f}" for detail in details)
    grows = all(more > 1.03 * less for less, more in zip(details, details[1:]))
    judged.append((grows, f"creative: neighbours differ by {words} at 0, 50 and 100, each time by at least 3 % more"))
    return judged


def label(command, path: Path) -> str:
    """IPTC's digital source type of a result, as the command reads it."""
    words = [command.program, "info", "--json", path]
    done = subprocess.run(list(map(str, words)), env=command.environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[0])["made_by"]["digital_source_type"]
