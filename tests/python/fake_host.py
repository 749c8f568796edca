"""A host without a program: pictures in memory, and a document that records its changes.

Each call checks what a real host relies on: the thread, the order and the lengths. It must never tolerate what a real
host would not.
"""

import threading
from dataclasses import dataclass, field

import enlarger
from enlarger.host import Picture


@dataclass
class FakeHost:
    """A host of pictures (Picture and bytes).

    Attributes:
        write_when_complete: as in Host.
        fail: {"write": 3} raises `problem` in the third call of write; any call can fail so.
        cancel_at: the fraction at which the user presses Cancel.
        document: the pixels that the user sees, by the picture's name; only commit() changes it.
    """

    layers: list
    write_when_complete: bool = True
    fail: dict = field(default_factory=dict)
    problem: BaseException = None
    cancel_at: float = None

    def __post_init__(self):
        self.thread = threading.get_ident()
        self.document = {picture.name: bytes(data) for picture, data in self.layers}
        self.before = dict(self.document)
        self.calls, self.fractions, self.texts, self.messages = [], [], [], []
        self.reads, self.strips = [], []
        self.made, self.sizes = {}, {}
        self.inside = None
        self.ended = None

    def call(self, name):
        assert threading.get_ident() == self.thread, f"{name} on another thread"
        assert self.inside is None, f"{name} inside {self.inside}"
        assert self.ended is None or name in ("message",), f"{name} after {self.ended}"
        self.calls.append(name)
        if self.fail.get(name) == self.calls.count(name):
            raise self.problem

    def pictures(self):
        self.call("pictures")
        return [picture for picture, _ in self.layers]

    def read(self, picture, rect):
        self.call("read")
        self.reads.append((picture.name, rect))
        data = dict((layer.name, pixels) for layer, pixels in self.layers)[picture.name]
        size = enlarger.Format.of(picture.format).pixel_size
        assert rect.x + rect.width <= picture.width and rect.y + rect.height <= picture.height
        return b"".join(
            data[(y * picture.width + rect.x) * size : (y * picture.width + rect.x + rect.width) * size]
            for y in range(rect.y, rect.y + rect.height)
        )

    def begin(self, results):
        self.call("begin")
        for result in results:
            self.made[result.picture.name] = bytearray()
            self.sizes[result.picture.name] = (result.width, result.height, str(result.format))

    def write(self, result, rect, pixels):
        self.call("write")
        assert type(pixels) is bytes
        made = self.made[result.picture.name]
        row = result.width * result.format.pixel_size
        assert (rect.x, rect.width) == (0, result.width)
        assert rect.y * row == len(made), "strips in order, each once"
        assert len(pixels) == rect.height * row
        assert rect.y + rect.height <= result.height
        self.strips.append((result.picture.name, rect))
        made += pixels

    def made_by(self, made):
        self.call("made_by")
        assert len(made) == len(self.layers) and all(type(each) is enlarger.Provenance for each in made)
        self.provenance = list(made)

    def commit(self):
        self.call("commit")
        assert self.calls[-2] == "made_by"
        for name, (width, height, format) in self.sizes.items():
            size = width * height * enlarger.Format.of(format).pixel_size
            assert len(self.made[name]) == size, f"{name} is not complete"
        self.document = {name: bytes(data) for name, data in self.made.items()}
        self.ended = "commit"

    def abandon(self):
        self.call("abandon")
        self.made.clear()
        self.ended = "abandon"

    def progress(self, fraction, text):
        self.call("progress")
        assert 0.0 <= fraction <= 1.0
        self.fractions.append(fraction)
        self.texts.append(text)
        return self.cancel_at is None or fraction < self.cancel_at

    def message(self, text):
        self.call("message")
        self.messages.append(text)


def layer(name, format, width, height, data, **more):
    """A picture and its pixels."""
    assert len(data) == width * height * enlarger.Format.of(format).pixel_size
    return Picture(name, width, height, format, **more), data
