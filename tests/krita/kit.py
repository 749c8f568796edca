"""What the tests inside Krita share: documents with pictures, comparisons of pixels, and the report of cases."""

import os
import time
import traceback

import tiff
from krita import Krita, Selection

from cases import FACTOR, HEIGHT, WIDTH

FOLDER = os.environ["ENLARGER_KRITA_TESTS"]
ENGINE = {"engine": "rten"}

# A layer style, as Krita takes it: a shadow.
SHADOW = """<asl><node type="Descriptor" classId="null" key="" name=""><node type="UnitFloat" unit="#Prc" key="Scl " value="100"/>
<node type="Boolean" key="masterFXSwitch" value="1"/><node type="Descriptor" classId="DrSh" key="DrSh" name="">
<node type="Boolean" key="enab" value="1"/><node type="UnitFloat" unit="#Pxl" key="Dstn" value="7"/></node></node></asl>"""


def check(condition, sentence):
    """An assertion that Python's option -O does not remove."""
    if not condition:
        raise AssertionError(sentence)


def picture(name, folder="pictures"):
    """Width, height, channels, depth and pixels of a picture of the tests, or of the command's result in another folder."""
    ending = {"pictures": "", "x1": ".1x"}.get(folder, ".2x")
    return tiff.read(f"{FOLDER}/{folder}/{name}{ending}.tif")


def swapped(pixels, model, depth):
    """Swaps red and blue where Krita's order is not that of TIFF: for RGB as integers."""
    if model != "RGBA" or depth not in ("U8", "U16"):
        return pixels
    size = 4 * (1 if depth == "U8" else 2)
    sample = size // 4
    swapped = bytearray(pixels)
    for byte in range(sample):
        swapped[byte::size] = pixels[2 * sample + byte :: size]
        swapped[2 * sample + byte :: size] = pixels[byte::size]
    return bytes(swapped)


def document_of(case, resolution=300.0):
    """A document with one layer that has a case's picture at its position."""
    document = Krita.instance().createDocument(
        WIDTH, HEIGHT, case.name, case.model, case.depth, case.profile, resolution
    )
    document.setBatchmode(True)
    check(document.colorProfile() == case.profile, f"Krita has no profile {case.profile}")
    node = add_layer(document, case, case.name)
    background = document.topLevelNodes()[0]
    if background != node:
        background.remove()
    document.waitForDone()
    document.refreshProjection()
    return document, node


def add_mask(document, layer, x, y, width, height):
    """Adds a mask that shows a rectangle of the layer."""
    mask = document.createTransparencyMask("mask")
    area = Selection()
    area.select(x, y, width, height, 255)
    mask.setSelection(area)
    layer.addChildNode(mask, None)
    document.waitForDone()


def add_layer(document, case, name, parent=None):
    node = document.createNode(name, "paintlayer")
    _, _, _, _, pixels = picture(case.name)
    node.setPixelData(swapped(pixels, case.model, case.depth), case.x, case.y, WIDTH, HEIGHT)
    (parent or document.rootNode()).addChildNode(node, None)
    document.waitForDone()
    return node


def raw(node, x, y, width, height):
    return bytes(node.pixelData(x, y, width, height))


def expect_equal(node, case, folder="x2", at=None, tolerance=None):
    """Fails unless the layer has the command's result for the case's picture, at a position."""
    width, height, channels, depth, pixels = picture(case.name, folder)
    x, y = at if at is not None else (case.x * FACTOR, case.y * FACTOR)
    found = swapped(raw(node, x, y, width, height), case.model, case.depth)
    check(len(found) == len(pixels), f"{len(found)} bytes and {len(pixels)}")
    expect_near(found, pixels, depth, channels, tolerance)


def expect_near(found, expected, depth, channels, tolerance=None):
    """Fails unless visible colour and alpha are within one level; floats within 0.001, relative to values above 1."""
    level = {"u8": 1 / 255, "u16": 1 / 65535}.get(depth, 1e-3) if tolerance is None else tolerance
    a, b = tiff.values(found, depth), tiff.values(expected, depth)
    worst = 0.0
    for index in range(0, len(a), channels):
        last = index + channels - 1
        worst = max(worst, abs(a[last] - b[last]))
        if b[last] > 0:
            worst = max(worst, *(abs(a[i] - b[i]) / max(abs(b[i]), 1.0) for i in range(index, last)))
    check(worst <= level + 1e-9, f"differs by {worst:.6f}, {level:.6f} is allowed")


def close(document):
    document.setModified(False)
    document.close()


class Report:
    """The lines that tests/krita/run looks for."""

    def __init__(self, name):
        self.only = os.environ.get("ENLARGER_KRITA_ONLY", "")
        self.file = open(f"{FOLDER}/{name}.log", "w", encoding="utf-8")
        self.cases = self.failed = 0

    def say(self, line):
        print(f"krita: {line}", file=self.file, flush=True)

    def case(self, name, function, *arguments):
        if self.only not in name:
            return
        self.cases += 1
        began = time.monotonic()
        try:
            answer = function(*arguments)
            self.say(f"{name}: ok ({answer or f'{time.monotonic() - began:.1f} s'})")
        except BaseException as problem:
            self.failed += 1
            self.say(f"{name}: FAILED: {problem!r}")
            if not isinstance(problem, AssertionError):
                traceback.print_exc(file=self.file)

    def end(self):
        self.say(f"{self.cases} cases, {self.failed} failed")
        self.file.close()
