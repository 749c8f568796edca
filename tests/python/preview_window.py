"""For the tests of the preview: a dialog without a toolkit, and what a job makes of the same picture."""

import threading
import time

import enlarger
from enlarger.frame import Look
from enlarger.job import Job
from enlarger.preview import Preview
from enlarger.upscaler_cache import UpscalerCache
from fake_host import FakeHost, layer
from support import pixels, unpack

WIDTH, HEIGHT = 40, 32
SETTINGS = {"threads": 1, "factor": 2}
UPSCALERS = UpscalerCache()
# Seconds after which something hangs, on a slow and busy machine too.
LONG = 600
LEVEL = 1 / 255 + 1e-6


def photo(format="rgb u8", data=None, **more):
    return layer("photo", format, WIDTH, HEIGHT, data or pixels(format, WIDTH, HEIGHT), **more)


class Window:
    """A dialog without a toolkit: a Preview on the pixels of a FakeHost, whose thread steps it."""

    def __init__(self, test, *layers, upscalers=UPSCALERS, read=None, **more):
        self.host = FakeHost(list(layers))
        self.pictures = [picture for picture, _ in layers]
        self.woken = threading.Event()
        self.preview = Preview(upscalers, read or self.host.read, wake=self.woken.set, **more)
        test.addCleanup(self.preview.close)

    def request(self, look=None, advise=False, **settings):
        self.preview.request(self.pictures, {**SETTINGS, **settings}, look or Look(18, 14, 32, 24), advise=advise)

    def wait(self, until=None):
        """Steps until the preview has nothing to do, or until a condition holds."""
        until = until or (lambda: not self.preview.busy)
        deadline = time.monotonic() + LONG
        while not until():
            assert time.monotonic() < deadline, "nothing came"
            self.preview.step(0.05)
        return self.preview

    def patch(self, look=None, **settings):
        self.request(look, **settings)
        preview = self.wait()
        if preview.problem is not None:
            raise preview.problem
        assert not preview.outdated
        return preview.patch


def cut(numbers, width, rect, channels):
    return [
        value
        for y in range(rect.y, rect.y + rect.height)
        for value in numbers[(y * width + rect.x) * channels : (y * width + rect.x + rect.width) * channels]
    ]


def as_shown(data, format):
    """Pixels as numbers of red, green, blue and alpha."""
    format, numbers = enlarger.Format.of(format), unpack(data, format)
    count = format.channel_count
    shown = []
    for start in range(0, len(numbers), count):
        pixel = numbers[start : start + count]
        alpha = pixel.pop() if format.has_alpha else 1.0
        red, green, blue = pixel if len(pixel) == 3 else pixel * 3
        shown += [blue, green, red, alpha] if format.channels == "bgra" else [red, green, blue, alpha]
    return shown


def final(picture, data, **settings):
    """What a job makes of the picture: its numbers as shown, its width, and where it lies in the whole result."""
    host = FakeHost([(picture, data)])
    Job(host, {**SETTINGS, **settings}, UPSCALERS).run()
    width, _, format = host.sizes[picture.name]
    return as_shown(host.document[picture.name], format), width
