"""Tests in kritarunner, without a window: pixels of every colour space, and the layers that are left to Krita.

There are no views, actions or undo here; `driver` tests those.
"""

import os
import random
from array import array

from krita import InfoObject, Krita, Selection

from cases import CASES, FACTOR, HEIGHT, WIDTH
from enlarge_with_ai import display
from enlarge_with_ai.colour_space import ColourSpace, convert
from enlarge_with_ai.enlarger import Error, Format, LoadError, WorkerLost, way
from enlarge_with_ai.enlarger.job import Job
from enlarge_with_ai.enlarger.upscaler_cache import UpscalerCache
from enlarge_with_ai.refused_layers import Layers, eligible_layers
from enlarge_with_ai.settings import Settings
from enlarge_with_ai.targets import target_for
from killer import Killer
from tiff import values
from kit import ENGINE, SHADOW, Report, add_layer, add_mask, check, close, document_of, expect_equal, picture, raw, swapped

UPSCALERS = UpscalerCache()
BY_NAME = {case.name: case for case in CASES}


def enlarge(document, target, layers=None, layers_only=True, value=float(FACTOR), unit="factor", **options):
    """Does what the action does, and waits for it."""
    settings = Settings(target, unit, value, {**ENGINE, **options})
    made = target_for(settings, document, layers or eligible_layers(document), layers_only)
    made.snapshot()
    Job(made, settings.options, UPSCALERS).run()
    for _ in made.apply():
        pass
    return made


def find(document, name):
    return next(node for node in document.rootNode().childNodes() if node.name() == name)


def whole(case):
    document, node = document_of(case)
    before = raw(node, case.x, case.y, WIDTH, HEIGHT)
    check(before == swapped(picture(case.name)[4], case.model, case.depth), "the layer does not have the picture")
    enlarge(document, "image")
    check((document.width(), document.height()) == (WIDTH * FACTOR, HEIGHT * FACTOR), "another size")
    node = find(document, case.name)
    check((node.colorModel(), node.colorDepth(), node.colorProfile()) == (case.model, case.depth, case.profile), "space")
    bounds = node.bounds()
    left, top = bounds.x() - case.x * FACTOR, bounds.y() - case.y * FACTOR
    check(left >= 0 and top >= 0, f"pixels lie at {bounds}")
    check(left + bounds.width() <= WIDTH * FACTOR and top + bounds.height() <= HEIGHT * FACTOR, f"pixels lie at {bounds}")
    expect_equal(node, case)
    close(document)


def provenance(case):
    """The document's information says what made it, and keeps what the author wrote."""
    for target in ("image", "new-image", "in-place"):
        document, _ = document_of(case)
        information = document.documentInfo()
        check("<abstract>" in information or "<abstract/>" in information, f"Krita's format changed: {information}")
        written = information.replace("<abstract/>", "<abstract></abstract>")
        start, end = written.index("<abstract>") + len("<abstract>"), written.index("</abstract>")
        document.setDocumentInfo(written[:start] + "A view of a hill" + written[end:])
        made = enlarge(document, target)
        result = made.made if target == "new-image" else document
        text = result.documentInfo()
        for words in ("Enlarger 0", "realesr-general-x4v3 sha256:", "compositeWithTrainedAlgorithmicMedia"):
            check(words in text, f"{target}: no {words} in {text}")
        check(target == "new-image" or "A view of a hill" in text, f"{target}: the author's text is gone: {text}")
        if target == "image":
            # Once more: the line is replaced.
            enlarge(document, "in-place", method="nearest", engine=None)
            text = document.documentInfo()
            check(text.count("Enlarger 0") == 1 and "(nearest, x1)" in text and "sha256" not in text, text)
            check("A view of a hill" in text, text)
        if target == "new-image":
            close(result)
        close(document)


def new_document(case):
    document, node = document_of(case)
    before = raw(node, case.x, case.y, WIDTH, HEIGHT)
    target = enlarge(document, "new-image")
    made = target.made
    check((made.width(), made.height()) == (WIDTH * FACTOR, HEIGHT * FACTOR), "another size")
    check((made.colorModel(), made.colorDepth(), made.colorProfile()) == (case.model, case.depth, case.profile), "space")
    check(made.resolution() == document.resolution(), "another resolution")
    expect_equal(made.topLevelNodes()[0], case)
    check(raw(node, case.x, case.y, WIDTH, HEIGHT) == before, "the source changed")
    check((document.width(), document.height()) == (WIDTH, HEIGHT), "the source's canvas changed")
    close(made)
    close(document)


def in_place(case):
    """Inside the selection pixels equal the command's; outside not one byte changes; on its soft edge they are mixed."""
    document, node = document_of(case)
    rect = case.x + 12, case.y + 9, 25, 20
    selection = Selection()
    selection.select(*rect, 255)
    selection.select(rect[0], rect[1], 4, 20, 100)
    selection.select(rect[0] + 21, rect[1], 4, 8, 0)
    document.setSelection(selection)
    before = raw(node, case.x, case.y, WIDTH, HEIGHT)
    enlarge(document, "in-place")
    node = find(document, case.name)
    after = raw(node, case.x, case.y, WIDTH, HEIGHT)
    size = len(before) // (WIDTH * HEIGHT)
    expected = swapped(picture(case.name, "x1")[4], case.model, case.depth)
    changed = mixed = 0
    for y in range(HEIGHT):
        for x in range(WIDTH):
            at = size * (WIDTH * y + x)
            old, new, now = (data[at : at + size] for data in (before, expected, after))
            if 33 <= x < 37 and 9 <= y < 17:
                check(now == old, f"the pixel {x}, {y} in the selection's hole changed")
            elif 16 <= x < 37 and 9 <= y < 29:
                changed += now != old
            elif 12 <= x < 16 and 9 <= y < 29:
                mixed += now not in (old, new)
            else:
                check(now == old, f"the pixel {x}, {y} outside the selection changed")
    check(changed > 300, "nothing was restored")
    check(mixed > 40, "nothing was mixed")
    near(after, expected, case, range(16, 33), range(9, 29))
    close(document)


def near(found, expected, case, columns, rows):
    from kit import expect_near

    size = len(found) // (WIDTH * HEIGHT)
    cut = [b"".join(p[size * (WIDTH * y + columns[0]) : size * (WIDTH * y + columns[-1] + 1)] for y in rows) for p in (found, expected)]
    channels = 4 if case.model == "RGBA" else 2
    expect_near(*(swapped(data, case.model, case.depth) for data in cut), case.depth.lower(), channels)


def converted(model, depth):
    """A layer in a colour space that the library does not know equals one that Krita converted by hand before and after."""
    profile = [p for p in Krita.instance().profiles(model, depth)]
    document = Krita.instance().createDocument(32, 24, "converted", model, depth, "", 300.0)
    document.setBatchmode(True)
    check(profile and document is not None, f"this Krita has no {model} {depth}")
    source = document_of(BY_NAME["rgb-u8"])[0]
    source.setColorSpace(model, depth, document.colorProfile())
    source.waitForDone()
    node = source.topLevelNodes()[0]
    check((node.colorModel(), node.colorDepth()) == (model, depth), "Krita did not convert")
    before = raw(node, 20, 10, 20, 20)
    twin = document_of(BY_NAME["rgb-u8"])[0]
    twin.setColorSpace(model, depth, document.colorProfile())
    twin.waitForDone()
    enlarge(source, "image")
    node = find(source, "rgb-u8")
    check((node.colorModel(), node.colorDepth()) == (model, depth), "another colour space")
    found = raw(node, 0, 0, WIDTH * FACTOR, HEIGHT * FACTOR)
    # By hand: convert the document to RGB, enlarge it, and convert it back.
    linear = "RGBA", "F32", "sRGB-elle-V2-g10.icc"
    twin.setColorSpace(*linear)
    twin.waitForDone()
    enlarge(twin, "image")
    for made, space in [(twin, (model, depth, document.colorProfile())), (source, linear), (twin, linear)]:
        made.setColorSpace(*space)
        made.waitForDone()
    a, b = (values(raw(find(d, "rgb-u8"), 0, 0, WIDTH * FACTOR, HEIGHT * FACTOR), "f32") for d in (source, twin))
    differences = sorted(abs(x - y) for x, y in zip(a, b))
    worst, mean = differences[-1], sum(differences) / len(differences)
    check(mean <= 0.002 and worst <= 0.03, f"differs by up to {worst:.4f}, the mean is {mean:.4f}")
    check(len(set(found)) > 4 and before != found[: len(before)], "the pixels did not change")
    close(source)
    close(twin)
    close(document)


def several():
    """Two chosen layers and another one, in groups and with a mask: all become larger, only the chosen ones by AI."""
    case = BY_NAME["rgb-u8"]
    document, low = document_of(case)
    group = document.createGroupLayer("group")
    document.rootNode().addChildNode(group, low)
    add_layer(document, case, "other", group)
    chosen = add_layer(document, BY_NAME["rgb-u8-offset"], "chosen", group)
    chosen.setOpacity(100)
    chosen.setBlendingMode("multiply")
    chosen.setInheritAlpha(True)
    chosen.setAlphaLocked(True)
    chosen.setLocked(True)
    chosen.setVisible(False)
    chosen.setColorLabel(3)
    add_mask(document, chosen, 2, 7, 20, 20)
    layers = Layers([low, chosen], [])
    enlarge(document, "image", layers)
    names = [node.name() for node in document.topLevelNodes()], [node.name() for node in group.childNodes()]
    check(names == (["rgb-u8", "group"], ["other", "chosen"]), f"{names}")
    low, chosen = document.topLevelNodes()[0], group.childNodes()[1]
    expect_equal(low, case)
    expect_equal(chosen, BY_NAME["rgb-u8-offset"])
    check((chosen.opacity(), chosen.blendingMode()) == (100, "multiply"), "opacity or blending mode")
    flags = chosen.inheritAlpha(), chosen.alphaLocked(), chosen.locked(), chosen.visible(), chosen.colorLabel()
    check(flags == (True, True, True, False, 3), f"inherited alpha, locks, visibility, label are {flags}")
    masks = [node.name() for node in chosen.childNodes()]
    check(masks == ["mask"], f"masks {masks}")
    shown = raw(chosen.childNodes()[0], 0, 0, 122, 94)
    inside = [shown[122 * y + x] for y in range(17, 51) for x in range(7, 41)]
    outside = [shown[122 * y + x] for y in (2, 60, 80) for x in range(122)]
    check(set(inside) == {255} and set(outside) == {0}, "the mask was not scaled")
    try:
        expect_equal(group.childNodes()[0], case)
    except AssertionError:
        pass
    else:
        raise AssertionError("a layer that was not chosen was enlarged by AI")
    close(document)


def exact_size():
    """A width is exact to the pixel at any offset; centimetres become pixels by the resolution."""
    document, _ = document_of(BY_NAME["rgb-u8-offset"])
    enlarge(document, "image", value=101.0, unit="width")
    check((document.width(), document.height()) == (101, 78), f"{document.width()} x {document.height()}")
    close(document)
    document, _ = document_of(BY_NAME["rgb-u8"])
    enlarge(document, "image", value=1.0, unit="width_cm")
    check(document.width() == 118, f"{document.width()}")
    close(document)
    document, _ = document_of(BY_NAME["rgb-u8"], resolution=118.11)
    notes = enlarge(document, "image").notes
    check(any("118 pixels per inch" in note for note in notes), f"another resolution, and no note: {notes}")
    close(document)


def visible_document():
    """A new document of the whole document is one layer with the visible picture."""
    case = BY_NAME["rgb-u8"]
    document, _ = document_of(case)
    shadow = document.createNode("shadow", "paintlayer")
    document.rootNode().addChildNode(shadow, None)
    target = enlarge(document, "new-image", layers_only=False)
    check(len(target.made.topLevelNodes()) == 1, "more than one layer")
    expect_equal(target.made.topLevelNodes()[0], case)
    close(target.made)
    close(document)


def styles():
    """Layer styles stay with their layers, and a note says that they are not scaled."""
    for target in ("image", "new-image"):
        document, node = document_of(BY_NAME["rgb-u8"])
        node.setLayerStyleFromAsl(SHADOW)
        document.waitForDone()
        style = node.layerStyleToAsl()
        check("DrSh" in style, "Krita does not take the style")
        done = enlarge(document, target)
        made = done.made if target == "new-image" else document
        check(made.topLevelNodes()[0].layerStyleToAsl() == style, f"{target}: another style")
        check(any("layer style of 'rgb-u8'" in sentence for sentence in done.notes), f"{target}: {done.notes}")
        expect_equal(made.topLevelNodes()[0], BY_NAME["rgb-u8"])
        if made != document:
            close(made)
        close(document)


def visible_layer():
    """A chosen layer goes into a new document with its mask applied."""
    case = BY_NAME["rgb-u8"]
    document, node = document_of(case)
    add_mask(document, node, 10, 10, 30, 20)
    document.refreshProjection()
    document.waitForDone()
    target = enlarge(document, "new-image")
    made = target.made.topLevelNodes()[0]
    check(set(raw(made, 0, 0, 122, 10)[3::4]) == {0}, "the mask is not applied")
    check(max(raw(made, 40, 40, 20, 20)[3::4]) == 255, "the mask hides all")
    close(target.made)
    close(document)


def left_to_krita():
    """Clone, fill and animated layers and the source of a clone are left to Krita and named. Without a window vector layers
    are refused.
    """
    case = BY_NAME["rgb-u8"]
    document, plain = document_of(case)
    shown = add_layer(document, case, "shown")
    root = document.rootNode()
    root.addChildNode(document.createCloneLayer("clone", shown), None)
    animated = add_layer(document, case, "animated")
    animated.enableAnimation()
    red = InfoObject()
    red.setProperty("color", "#ff0000")
    root.addChildNode(document.createFillLayer("fill", "color", red, Selection()), None)
    document.waitForDone()
    layers = eligible_layers(document)
    check([node.name() for node in layers.enlarged] == [case.name], f"{[n.name() for n in layers.enlarged]}")
    for name in ("shown", "clone", "animated", "fill"):
        check(name in dict(layers.skipped), f"{name} is not named: {layers.skipped}")
    types = [(node.name(), node.type()) for node in document.topLevelNodes()]
    target = enlarge(document, "image", layers)
    check([(node.name(), node.type()) for node in document.topLevelNodes()] == types, "layers changed their types")
    shown, source = find(document, "shown"), find(document, "clone").sourceNode()
    check(source is not None and source.uniqueId() == shown.uniqueId(), f"the clone shows {source and source.name()}")
    check("4 layers were left to Krita." in target.notes, f"the notes are {target.notes}")
    for name in ("shown", "clone", "animated", "fill"):
        check(any(f"'{name}'" in sentence for sentence in target.details), f"{name} is not in {target.details}")
    expect_equal(find(document, case.name), case)
    document.rootNode().addChildNode(document.createVectorLayer("drawing"), None)
    try:
        enlarge(document, "image", layers)
    except Error as problem:
        check("'drawing'" in str(problem) and "new document" in str(problem), f"{problem}")
    else:
        raise AssertionError("a vector layer was scaled, at which a Krita without a window can hang")
    close(document)


def refusals():
    """Invalid options are refused with an explanation, and nothing changes."""
    case = BY_NAME["rgb-u8"]
    document, node = document_of(case)
    before = raw(node, 0, 0, WIDTH, HEIGHT)
    for options, words in [
        (dict(engine="none-such"), "none-such"),
        (dict(model="none-such"), "none-such"),
        (dict(no_option="1"), "no_option"),
        (dict(memory=1000000), "memory"),
        (dict(value=1e7, unit="width"), "1048576"),
    ]:
        try:
            enlarge(document, "image", **options)
        except Error as problem:
            check(words in str(problem), f"{options}: {problem}")
        else:
            raise AssertionError(f"{options} was accepted")
    check(raw(node, 0, 0, WIDTH, HEIGHT) == before and document.width() == WIDTH, "the document changed")
    try:
        empty = Krita.instance().createDocument(9, 9, "empty", "RGBA", "U8", "", 72.0)
        empty.rootNode().addChildNode(empty.createNode("nothing", "paintlayer"), None)
        empty.topLevelNodes()[0].remove()
        eligible_layers(empty)
    except Error as problem:
        check("no paint layer" in str(problem), str(problem))
    else:
        raise AssertionError("an empty document was accepted")
    close(empty)
    close(document)


def lengths():
    """A wrong number of bytes never reaches Krita, which would read beyond them."""
    from enlarge_with_ai.source import write_pixels
    from enlarge_with_ai.colour_space import LINEAR, convert, colour_space_of

    document, node = document_of(BY_NAME["rgb-u8"])
    before = raw(node, 0, 0, WIDTH, HEIGHT)
    for pixels in (bytes(4 * 10 * 10 - 1), bytes(4 * 10 * 10 + 1), b""):
        for call in (
            lambda: write_pixels(node, 0, 0, 10, 10, colour_space_of(node), pixels),
            lambda: convert(pixels, 10, 10, colour_space_of(node), LINEAR),
        ):
            try:
                call()
            except RuntimeError as problem:
                check("bytes are not" in str(problem), str(problem))
            else:
                raise AssertionError(f"{len(pixels)} bytes were accepted instead of 400")
    check(raw(node, 0, 0, WIDTH, HEIGHT) == before, "something was written")
    close(document)


def changed_meanwhile():
    """If the document was changed after it was read, nothing is applied."""
    case = BY_NAME["rgb-u8"]
    for change, words in [
        (lambda d, n: n.setPixelData(bytes(4), 5, 5, 1, 1), "changed"),
        (lambda d, n: d.resizeImage(0, 0, 30, 30), "another size"),
        (lambda d, n: n.remove(), "removed"),
    ]:
        document, node = document_of(case)
        settings = Settings("image", "factor", 2.0, ENGINE)
        target = target_for(settings, document, eligible_layers(document), False)
        target.snapshot()
        Job(target, settings.options, UPSCALERS).run()
        change(document, node)
        document.waitForDone()
        size = document.width(), len(document.topLevelNodes())
        try:
            list(target.apply())
        except Error as problem:
            check(words in str(problem), str(problem))
        else:
            raise AssertionError(f"it was applied though the document was {words}")
        check((document.width(), len(document.topLevelNodes())) == size, "the document was touched")
        close(document)


def screen():
    """The preview's colours on the screen are those of Krita's own conversion to sRGB, in all profiles."""
    width, height = 64, 16
    values = [(number * 2654435761 >> 7) & 0xFFFF for number in range(width * height * 4)]
    for profile, model in {(case.profile, case.model) for case in CASES}:
        channels = "rgba" if model == "RGBA" else "gray_alpha"
        count = len(channels) if model == "RGBA" else 2
        samples = array("H", values[: width * height * count])
        # Full alpha: under alpha 0 the colour does not count.
        samples[count - 1 :: count] = array("H", [65535]) * (width * height)
        pixels = samples.tobytes()
        space = ColourSpace(model, "U16", profile)
        found = display.to_srgb(space, pixels, width, height, Format(channels, "u16"))
        native = swapped(pixels, model, "U16")
        expected = swapped(convert(native, width, height, space, display.SCREEN), "RGBA", "U8")
        worst = max(abs(a - b) for a, b in zip(found, expected))
        check(worst <= 1, f"{profile}: differs by {worst} of 255")


def kills():
    """The process in which the library works is killed at random moments: Krita goes on, the document is untouched, and the next job
    works. ENLARGER_KILLS: how often.
    """
    times, lost, rng = int(os.environ.get("ENLARGER_KILLS", "3")), 0, random.Random(5)
    case = BY_NAME["rgb-u8"]
    for _ in range(times):
        document, node = document_of(case)
        # Large enough that most kills hit the job.
        document.scaleImage(400, 300, 300, 300, "Box")
        document.waitForDone()
        before = raw(node, 0, 0, 400, 300)
        killer = Killer(rng.uniform(0.0, 1.0))
        killer.start()
        try:
            enlarge(document, "image")
        except (WorkerLost, LoadError) as problem:
            # The second is of one that was killed before it had begun.
            lost += 1
            killer.end()
            check(bool(killer.killed) and "was ended by SIGKILL" in str(problem), str(problem))
            check((document.width(), document.height(), len(document.topLevelNodes())) == (400, 300, 1), "the document was changed")
            check(raw(node, 0, 0, 400, 300) == before, "the layer was changed")
        else:
            killer.end()
            check(document.width() == 400 * FACTOR, "another size")
        close(document)
    check(lost >= times // 2, f"only {lost} of {times} jobs were hit")
    whole(case)
    return f"{lost} of {times} jobs ended with their worker"


def over_a_worker(report):
    """What the plug-in does most, with the library in a process of its own."""
    check(way() == "worker", "the library was loaded into Krita")
    for name in ("rgb-u8", "rgb-u16-linear", "rgb-f32-wide", "gray-f16"):
        report.case(f"whole document, {name}", whole, BY_NAME[name])
    report.case("in place, rgb-u8-offset", in_place, BY_NAME["rgb-u8-offset"])
    report.case("provenance", provenance, BY_NAME["rgb-u8"])
    for function in (several, changed_meanwhile, kills):
        report.case(function.__name__.replace("_", " "), function)


def main(args=None):
    level = os.environ["ENLARGER_KRITA_LEVEL"]
    report = Report(level)
    Krita.instance().setBatchmode(True)
    report.say(f"Krita {Krita.instance().version()}")
    if level == "worker":
        over_a_worker(report)
        report.end()
        os._exit(0)
    for case in CASES:
        report.case(f"whole document, {case.name}", whole, case)
    for case in CASES:
        report.case(f"new document, {case.name}", new_document, case)
    for name in ("rgb-u8-offset", "rgb-u16", "rgb-f16-linear", "rgb-f32-linear", "gray-u8", "gray-u16"):
        report.case(f"in place, {name}", in_place, BY_NAME[name])
    for model, depth in [("CMYKA", "U8"), ("CMYKA", "U16"), ("LABA", "U16"), ("LABA", "F32"), ("XYZA", "F32"), ("YCbCrA", "U16")]:
        report.case(f"converted, {model} {depth}", converted, model, depth)
    report.case("provenance", provenance, BY_NAME["rgb-u8"])
    for function in (several, exact_size, visible_document, styles, visible_layer, left_to_krita, refusals, lengths, changed_meanwhile, screen):
        report.case(function.__name__.replace("_", " "), function)
    report.end()
    os._exit(0)
