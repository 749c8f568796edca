"""What is done to good pictures, so that there is something to find. Everything is computed and repeatable."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.convert("RGB"), np.float64)


def image(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).round().astype(np.uint8))


def encoded(picture: Image.Image, kind: str = "PNG", **settings) -> bytes:
    held = io.BytesIO()
    picture.save(held, kind, **settings)
    return held.getvalue()


def decoded(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def noise(picture: Image.Image, sigma: float, seed: int, colour: bool = True) -> Image.Image:
    """Gaussian noise: independent in each channel, or of luminance only."""
    values = pixels(picture)
    shape = values.shape if colour else (*values.shape[:2], 1)
    return image(values + np.random.default_rng(seed).normal(0, sigma, shape))


def film_noise(picture: Image.Image, sigma: float, seed: int) -> Image.Image:
    """Noise of photons and of reading, as sensors have: it grows with the square root of the light."""
    light = (pixels(picture) / 255) ** 2.2
    made = light + np.random.default_rng(seed).normal(0, 1, light.shape) * np.sqrt(light * 0.75 + 0.1) * sigma / 255 * 2.2
    return image(np.clip(made, 0, 1) ** (1 / 2.2) * 255)


def blur(picture: Image.Image, sigma: float) -> Image.Image:
    return image(ndimage.gaussian_filter(pixels(picture), (sigma, sigma, 0), mode="nearest"))


def disc(picture: Image.Image, radius: float) -> Image.Image:
    """Out of focus: each point becomes a disc."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    return convolved(picture, kernel / kernel.sum())


def motion(picture: Image.Image, length: float, angle: float) -> Image.Image:
    """Shaken: each point becomes a line. The angle is in degrees."""
    reach = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * reach + 1,) * 2)
    for step in np.linspace(-(length - 1) / 2, (length - 1) / 2, 8 * int(length) + 1):
        x, y = reach + step * np.cos(np.radians(angle)), reach + step * np.sin(np.radians(angle))
        left, top = int(x), int(y)
        for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
            kernel[top + dy, left + dx] += (1 - abs(x - left - dx)) * (1 - abs(y - top - dy))
    return convolved(picture, kernel / kernel.sum())


def convolved(picture: Image.Image, kernel: np.ndarray) -> Image.Image:
    values = pixels(picture)
    return image(np.stack([ndimage.convolve(values[..., c], kernel, mode="nearest") for c in range(3)], -1))


def enlarged(picture: Image.Image, factor: float, method: Image.Resampling) -> Image.Image:
    return picture.resize((round(picture.width * factor), round(picture.height * factor)), method)


def spline(picture: Image.Image, factor: float, order: int) -> Image.Image:
    """An enlargement by scipy's splines, whose pixels lie elsewhere than Pillow's."""
    return image(ndimage.zoom(pixels(picture), (factor, factor, 1), order=order, mode="nearest", grid_mode=True))


def sharpened(picture: Image.Image, radius: float, percent: int) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(radius, percent, 0))


def clipped(picture: Image.Image, gain: float, offset: float) -> Image.Image:
    """Exposed wrongly: so much of it is white, or black."""
    return image(pixels(picture) * gain + offset)


def screened(picture: Image.Image, period: float, angle: float, fine: int = 4) -> Image.Image:
    """Printed with dots and scanned. The period is in pixels, the angle in degrees."""
    large = pixels(picture.resize((picture.width * fine, picture.height * fine), Image.BICUBIC)) / 255
    y, x = np.mgrid[: large.shape[0], : large.shape[1]] * (2 * np.pi / (period * fine))
    made = np.empty_like(large)
    for channel, turn in enumerate((15, 75, 45)):
        a = np.radians(angle + turn - 45)
        u, v = x * np.cos(a) + y * np.sin(a), -x * np.sin(a) + y * np.cos(a)
        dots = (np.cos(u) + np.cos(v)) / 4 + 0.5
        made[..., channel] = large[..., channel] > dots
    scanned = ndimage.gaussian_filter(made, (fine * 0.4, fine * 0.4, 0))
    height, width = picture.height, picture.width
    return image(scanned.reshape(height, fine, width, fine, 3).mean((1, 3)) * 215 + 25)


def drawing(seed: int, size: tuple[int, int] = (480, 384)) -> Image.Image:
    """A drawing with even areas and outlines, drawn four times as large so that its edges are smooth."""
    random = np.random.default_rng(seed)
    width, height = size[0] * 4, size[1] * 4
    made = Image.new("RGB", (width, height), tuple(map(int, random.integers(150, 256, 3))))
    draw = ImageDraw.Draw(made)
    for _ in range(int(random.integers(12, 30))):
        x, y = random.integers(0, width), random.integers(0, height)
        w, h = random.integers(width // 20, width // 3, 2)
        fill = tuple(map(int, random.integers(20, 250, 3)))
        outline = dict(outline=(20, 20, 25), width=int(random.integers(6, 16)))
        match random.integers(0, 4):
            case 0:
                draw.ellipse([x, y, x + w, y + h], fill=fill, **outline)
            case 1:
                draw.rounded_rectangle([x, y, x + w, y + h], w // 5, fill=fill, **outline)
            case 2:
                points = [(int(x + w * np.cos(t)), int(y + h * np.sin(t))) for t in np.sort(random.uniform(0, 6.28, 6))]
                draw.polygon(points, fill=fill, outline=(20, 20, 25), width=10)
            case 3:
                draw.arc([x, y, x + w, y + h], int(random.integers(0, 180)), 360, fill=(20, 20, 25), width=12)
    return made.resize(size, Image.LANCZOS)


WORDS = "File Edit View Search the quick brown fox jumps over a lazy dog Save as Open recent Help 2026 42.7 MB done".split()


def screenshot(seed: int, size: tuple[int, int] = (560, 400), dark: bool = False) -> Image.Image:
    """A window with a menu, buttons and lines of text."""
    random = np.random.default_rng(seed)
    paper, ink, bar = (255, 255, 255), (25, 25, 28), (228, 230, 235)
    if dark:
        paper, ink, bar = (30, 31, 34), (222, 224, 228), (52, 54, 60)
    made = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(made)
    draw.rectangle([0, 0, size[0], 26], fill=bar)
    font = ImageFont.load_default(int(random.integers(10, 15)))
    draw.text((8, 6), "  ".join(random.choice(WORDS, 6)), fill=ink, font=font)
    for at in range(int(random.integers(3, 7))):
        left = 10 + at * 88
        fill = tuple(map(int, random.integers(60, 220, 3)))
        draw.rounded_rectangle([left, 36, left + 76, 58], 5, fill=fill)
        draw.text((left + 8, 40), str(random.choice(WORDS)), fill=(255, 255, 255), font=font)
    for y in range(72, size[1] - 16, int(random.integers(16, 23))):
        draw.text((12, y), " ".join(random.choice(WORDS, int(random.integers(5, 14)))), fill=ink, font=font)
    return made


def pixel_art(seed: int, size: int = 32, repeat: int = 1) -> Image.Image:
    """Sprites of few colours, symmetric as most are, on one background."""
    random = np.random.default_rng(seed)
    palette = random.integers(0, 256, (int(random.integers(5, 14)), 3)).astype(np.uint8)
    canvas = np.zeros((size, size), int)
    for top in range(0, size - 15, 16):
        for left in range(0, size - 15, 16):
            half = random.integers(0, len(palette), (7, 4)).repeat(2, 0).repeat(2, 1)[:, :7]
            half = np.where(random.random(half.shape) < 0.15, random.integers(0, len(palette), half.shape), half)
            canvas[top + 1 : top + 15, left + 1 : left + 8] = half
            canvas[top + 1 : top + 15, left + 8 : left + 15] = half[:, ::-1]
    return Image.fromarray(palette[canvas].repeat(repeat, 0).repeat(repeat, 1))
