"""Runs the plug-in in a real GIMP 3 without a window, and compares the results with the command's.

GIMP's own Python (python-fu-eval) executes it. FOLDER has the pictures, and the command's result beside each. It prints a
line for each case and, at the end, how many failed; the calling script looks for that line.
"""

import os
import random
import sys
import traceback
from array import array

from gi.repository import Gegl, Gimp, Gio

FOLDER = os.environ["ENLARGER_GIMP_CASES"]
FACTOR = 2


def load(name):
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(f"{FOLDER}/{name}"))


def call(image, layers, **arguments):
    """Calls the plug-in; returns its image or None, its status, and its error message."""
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-enlarger")
    assert procedure is not None, "the plug-in is not registered"
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", layers)
    config.set_property("options", "engine=rten")
    for name, value in arguments.items():
        config.set_property(name, value)
        assert config.get_property(name) == value, f"GIMP did not accept {name}={value}"
    values = procedure.run(config)
    if values.index(0) != Gimp.PDBStatusType.SUCCESS:
        return None, values.index(0), Gimp.get_pdb().get_last_error()
    return values.index(1), values.index(0), ""


def done(image, layers, **arguments):
    """Calls the plug-in, which must succeed; returns its image."""
    result, status, message = call(image, layers, **arguments)
    assert result is not None, f"{status.value_nick}: {message}"
    return result


def floats(drawable, rect=None):
    """Encoded sRGB values with alpha."""
    x, y, width, height = rect or (0, 0, drawable.get_width(), drawable.get_height())
    rect = Gegl.Rectangle.new(x, y, width, height)
    return array("f", drawable.get_buffer().get(rect, 1.0, "R'G'B'A float", Gegl.AbyssPolicy.NONE))


def worst(a, b):
    """The largest difference of visible colour or of alpha."""
    assert len(a) == len(b), f"{len(a)} values and {len(b)}"
    colour = max(abs(a[i] * a[i | 3] - b[i] * b[i | 3]) for i in range(len(a)) if i & 3 != 3)
    return max(colour, max(abs(a[i] - b[i]) for i in range(3, len(a), 4)))


def equal(layer, expected, tolerance, rect=None):
    difference = worst(floats(layer), floats(expected, rect))
    assert difference <= tolerance, f"differs by {difference:.6f}, {tolerance:.6f} is allowed"


def new_image(name, tolerance, precision=None):
    """A case: a new image equals the command's result."""

    def case():
        image = load(f"{name}.png")
        if precision:
            image.convert_precision(precision)
        layer = image.get_layers()[0]
        before = floats(layer)
        result = done(image, [layer], target="new-image", factor=float(FACTOR))
        made = result.get_layers()[0]
        assert result.get_precision() == image.get_precision(), "another precision"
        assert made.get_name() == layer.get_name(), "another name"
        assert (result.get_width(), made.get_width()) == (image.get_width() * FACTOR,) * 2, "another size"
        profiles = [i.get_color_profile() for i in (image, result)]
        assert [p and p.get_label() for p in profiles][0] == [p and p.get_label() for p in profiles][1], "another profile"
        equal(made, load(f"{name}.2x.png").get_layers()[0], tolerance)
        assert floats(layer) == before, "the source changed"

    return case


def whole_image():
    """Everything is scaled or kept: offsets, mask, group, opacity, mode, names, selection, guides. AI enlarges only the
    selected layers.
    """
    image = load("rgb8.png")
    layer = image.get_layers()[0]
    layer.set_name("photo")
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    other = layer.copy()
    other.set_name("other")
    image.insert_layer(other, group, 0)
    chosen = layer.copy()
    chosen.set_name("chosen")
    image.insert_layer(chosen, group, 1)
    chosen.set_offsets(-7, 5)
    chosen.set_opacity(40.0)
    chosen.set_mode(Gimp.LayerMode.MULTIPLY)
    chosen.set_lock_alpha(True)
    mask = chosen.create_mask(Gimp.AddMaskType.WHITE)
    chosen.add_mask(mask)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 8, 20, 16)
    guide = image.add_hguide(9)
    image.set_component_active(Gimp.ChannelType.GREEN, False)
    result = done(image, [layer, chosen], target="image", factor=float(FACTOR))
    assert result == image
    assert (image.get_width(), image.get_height()) == (61 * FACTOR, 47 * FACTOR)
    names = [item.get_name() for item in group.get_children()] + [item.get_name() for item in image.get_layers()]
    assert names == ["other", "chosen", "group", "photo"], names
    expected = load("rgb8.2x.png").get_layers()[0]
    equal(layer, expected, 1 / 255)
    equal(chosen, expected, 1 / 255)
    assert worst(floats(other), floats(expected)) > 8 / 255, "AI enlarged a layer that was not selected"
    assert chosen.get_offsets()[1:] == (-14, 10), chosen.get_offsets()
    assert round(chosen.get_opacity()) == 40 and chosen.get_mode() == Gimp.LayerMode.MULTIPLY
    assert chosen.get_lock_alpha() and chosen.get_mask() is not None
    assert chosen.get_mask().get_width() == 61 * FACTOR
    _, some, left, top, right, bottom = Gimp.Selection.bounds(image)
    assert some and abs(left - 20) <= 1 and abs(bottom - 48) <= 1, (left, top, right, bottom)
    assert image.get_guide_position(guide) == 18
    assert not image.get_channels(), "a channel was left in the image"
    active = [image.get_component_active(Gimp.ChannelType(i)) for i in range(3)]
    assert active == [True, False, True], active


def indexed_image():
    """An indexed image becomes RGB."""
    image = load("indexed.png")
    assert image.get_base_type() == Gimp.ImageBaseType.INDEXED
    done(image, image.get_layers(), target="image", factor=float(FACTOR))
    assert image.get_base_type() == Gimp.ImageBaseType.RGB
    equal(image.get_layers()[0], load("indexed.2x.png").get_layers()[0], 1 / 255)


def exact_size():
    """The size is exact to the pixel, and layers lie where GIMP puts them, also at negative half pixels."""
    for arguments, size in [({"width": 101, "height": 83}, (101, 83)), ({"factor": 2.5}, (153, 118))]:
        for offsets in [(3, -2), (-5, 7), (-60, -46)]:
            image = load("rgb8.png")
            layer = image.get_layers()[0].copy()
            image.insert_layer(layer, None, 0)
            layer.set_offsets(*offsets)
            done(image, image.get_layers(), target="image", **arguments)
            assert (image.get_width(), image.get_height()) == size


def selection():
    """The result is the selected part of the whole result."""
    image = load("rgb8.png")
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 12, 9, 25, 20)
    result = done(image, image.get_layers(), target="selection", factor=float(FACTOR))
    assert (result.get_width(), result.get_height()) == (50, 40)
    equal(result.get_layers()[0], load("rgb8.2x.png").get_layers()[0], 1 / 255 + 1e-6, (24, 18, 50, 40))


def in_place():
    """Pixels in the selection equal the command's at ×1; no pixel outside changes."""
    image = load("rgb8.png")
    layer = image.get_layers()[0]
    before = floats(layer)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 12, 9, 25, 20)
    done(image, [layer], target="in-place")
    after, expected = floats(layer), floats(load("rgb8.1x.png").get_layers()[0])
    changed = 0
    for y in range(47):
        for x in range(61):
            inside = 12 <= x < 37 and 9 <= y < 29
            for i in range(4 * (61 * y + x), 4 * (61 * y + x) + 4):
                if inside:
                    changed += after[i] != before[i]
                    assert abs(after[i] - expected[i]) <= 1 / 255 + 1e-6, (x, y)
                else:
                    assert after[i] == before[i], (x, y)
    assert changed > 500, "nothing was restored"


def several_layers():
    """Several layers become one new image, in the same arrangement."""
    image = load("rgba8.png")
    low = image.get_layers()[0]
    high = low.copy()
    image.insert_layer(high, None, 0)
    high.set_offsets(10, -4)
    result = done(image, [low, high], target="new-image", factor=float(FACTOR))
    assert (result.get_width(), result.get_height()) == ((61 + 10) * FACTOR, (47 + 4) * FACTOR)
    assert [layer.get_offsets()[1:] for layer in result.get_layers()] == [(20, 0), (0, 8)]
    for layer in result.get_layers():
        equal(layer, load("rgba8.2x.png").get_layers()[0], 1 / 255)


def text_layer():
    """Text stays text."""
    image = load("rgb8.png")
    text = Gimp.TextLayer.new(image, "Abc", Gimp.Font.get_by_name("Sans-serif"), 12, Gimp.Unit.pixel())
    image.insert_layer(text, None, 0)
    done(image, image.get_layers(), target="image", factor=float(FACTOR))
    assert isinstance(image.get_layers()[0], Gimp.TextLayer) and image.get_layers()[0].get_text() == "Abc"


def presets():
    """Presets by name, with their own factor and the noise level that they measure."""
    for preset, factor, options in [
        ("crisp", float(FACTOR), "; strength=60"),
        ("clean", float(FACTOR), ""),
        ("restore", 0.0, "; denoise=20"),
    ]:
        image = load("rgb8.png")
        arguments = {"preset": preset, "factor": factor, "options": "engine=rten" + options}
        result = done(image, image.get_layers(), target="new-image", **arguments)
        equal(result.get_layers()[0], load(f"rgb8.{preset}.png").get_layers()[0], 1e-6)


def provenance():
    """The image's metadata says what made it, and keeps what it said before. A classical method names no model."""
    for target, factor in [("image", 2.0), ("new-image", 2.0), ("in-place", 1.0)]:
        image = load("rgb8.png")
        image.set_metadata(Gimp.Metadata.deserialize('<metadata><tag name="Exif.Image.Artist">me &amp; you</tag></metadata>'))
        result = done(image, image.get_layers(), target=target, factor=factor)
        text = result.get_metadata().serialize()
        assert target == "new-image" or "me &amp; you" in text, f"{target}: the metadata from before is gone"
        for words in ("compositeWithTrainedAlgorithmicMedia", "realesr-general-x4v3 sha256:", "ProcessingSoftware"):
            assert words in text, f"{target}: no {words} in {text}"
        # Once more: nothing is said twice, and nothing that is not so any more.
        if target == "image":
            done(result, result.get_layers(), target="image", factor=1.0, method="nearest", options="")
            text = result.get_metadata().serialize()
            assert "algorithmicallyEnhanced" in text and "sha256" not in text, text
            assert text.count("Enlarger 0") == 1 and "me &amp; you" in text, text


def method():
    """The nearest pixels, without a model or an engine."""
    image = load("rgb8.png")
    layer = image.get_layers()[0]
    large = done(image, [layer], target="new-image", factor=3.0, method="nearest", options="").get_layers()[0]
    small, large = floats(layer), floats(large)
    width = layer.get_width()
    for x, y in [(0, 0), (width - 1, 0), (17, 9)]:
        at, to = 4 * (y * width + x), 4 * ((3 * y + 1) * 3 * width + 3 * x + 2)
        assert small[at : at + 4] == large[to : to + 4], f"another pixel at {x},{y}"


def refusals():
    """Invalid arguments are refused with an explanation, and nothing changes."""
    image = load("rgb8.png")
    layers, before = image.get_layers(), floats(image.get_layers()[0])
    for arguments, words in [
        ({"model": "none-such"}, "none-such"),
        ({"preset": "none-such"}, "there is no preset 'none-such'"),
        ({"options": "denoise=101"}, "is not a valid value for the option 'denoise'"),
        ({"options": "engine=none-such"}, "none-such"),
        ({"options": "nonsense"}, "key=value"),
        ({"options": "no_option=1"}, "no_option"),
        ({"width": 1 << 20}, "factor"),
        ({"options": "engine=rten; memory=1000000"}, "memory"),
    ]:
        result, status, message = call(image, layers, target="image", **arguments)
        assert result is None and words in message, f"{arguments}: {status.value_nick}: {message}"
    assert (image.get_width(), floats(layers[0])) == (61, before)


def broken_models():
    """A network that makes black, and a truncated file: error messages, and nothing changes."""
    image = load("rgb8.png")
    layers, before = image.get_layers(), floats(image.get_layers()[0])
    for model, words in [("black", "one flat colour"), ("nearest", "model.onnx")]:
        for target in ("image", "new-image", "in-place"):
            result, status, message = call(image, layers, target=target, model=model)
            assert result is None, f"{model}, {target}: {status.value_nick}"
            assert status == Gimp.PDBStatusType.EXECUTION_ERROR and words in message, f"{status.value_nick}: {message}"
            print(f"gimp: {model}: {message}")
    assert (image.get_width(), floats(layers[0])) == (61, before)
    assert len(Gimp.get_images()) == 1, "an image was left open"
    done(image, layers, target="new-image", factor=float(FACTOR))


def without_a_library():
    """The error message says which files were tried, and nothing changes."""
    image = load("rgb8.png")
    result, status, message = call(image, image.get_layers(), target="image")
    assert result is None and status == Gimp.PDBStatusType.EXECUTION_ERROR
    assert "libenlarger could not be loaded" in message and "Install Enlarger again" in message, message
    assert image.get_width() == 61


P = Gimp.Precision
LEVEL8, LEVEL16 = 1 / 255 + 1e-6, 1 / 65535 + 1e-6
CASES = {
    "8-bit RGB": new_image("rgb8", 1e-6),
    "8-bit RGBA": new_image("rgba8", 1e-6),
    "8-bit gray": new_image("gray8", 1e-6),
    "8-bit gray with alpha": new_image("graya8", 1e-6),
    "16-bit RGB": new_image("rgb16", 1e-6),
    "16-bit RGBA": new_image("rgba16", 1e-6),
    "16-bit gray": new_image("gray16", 1e-6),
    "16-bit RGB with a profile": new_image("profile16", 1e-6),
    "8-bit linear": new_image("rgb16", 14 / 255, P.U8_LINEAR),
    "16-bit linear": new_image("rgb16", 1e-3, P.U16_LINEAR),
    "16-bit perceptual": new_image("rgba16", 1e-3, P.U16_PERCEPTUAL),
    "32-bit integer": new_image("rgb16", 1e-3, P.U32_NON_LINEAR),
    "half, non-linear": new_image("rgba16", 1e-3, P.HALF_NON_LINEAR),
    "half, linear": new_image("rgb16", 1e-3, P.HALF_LINEAR),
    "float, linear": new_image("rgba16", 1e-3, P.FLOAT_LINEAR),
    "float, linear, with a profile": new_image("profile16", 1e-3, P.FLOAT_LINEAR),
    "double, linear": new_image("gray16", 1e-3, P.DOUBLE_LINEAR),
    "whole image": whole_image,
    "indexed image": indexed_image,
    "exact size": exact_size,
    "selection": selection,
    "in place": in_place,
    "several layers": several_layers,
    "text layer": text_layer,
    "presets": presets,
    "provenance": provenance,
    "method": method,
    "refusals": refusals,
}


def over_a_worker():
    """What the plug-in does most, with the library in a process of its own."""
    for name in ("8-bit RGB", "selection", "in place", "several layers", "method"):
        # Too late to kill anything: it only looks whether there is a worker.
        looks = killer(3600)
        CASES[name]()
        looks.end()
        assert looks.seen, f"{name}: the library was loaded into the plug-in"


def killer(seconds):
    """A thread that kills the worker so many seconds after it has appeared."""
    sys.path.insert(0, "/enlarger/tests/kills")
    from killer import Killer

    started = Killer(seconds)
    started.start()
    return started


def kills():
    """The process in which the library works is killed at random moments: GIMP goes on, the image is untouched, and the next job works.
    ENLARGER_KILLS: how often.
    """
    times, failed, rng = int(os.environ.get("ENLARGER_KILLS", "3")), 0, random.Random(5)
    for _ in range(times):
        image = load("rgb8.png")
        image.scale(400, 300)
        layer = image.get_layers()[0]
        before = floats(layer)
        kill = killer(rng.uniform(0.0, 1.0))
        result, _, message = call(image, [layer], target="image", factor=float(FACTOR))
        kill.end()
        if result is None:
            failed += 1
            # One that was killed before it had begun says so as well.
            assert kill.killed and "enlarger-worker" in message and "was ended by SIGKILL" in message, message
            assert (image.get_width(), image.get_height(), len(image.get_layers())) == (400, 300, 1), "the image was changed"
            assert floats(layer) == before, "the layer was changed"
        else:
            assert image.get_width() == 400 * FACTOR
        image.delete()
    assert failed >= times // 2, f"only {failed} of {times} jobs were hit"
    CASES["8-bit RGB"]()
    print(f"gimp: {failed} of {times} jobs ended with their worker")


# Cases for which the script `headless` breaks something first, or that it runs with other settings.
OTHERS = {
    "with broken models": broken_models,
    "without a library": without_a_library,
    "over a worker": over_a_worker,
    "kills": kills,
}


def main():
    failed = 0
    only = os.environ.get("ENLARGER_GIMP_ONLY")
    cases = {only: OTHERS[only]} if only else CASES
    for name, case in cases.items():
        try:
            case()
            print(f"gimp: {name}: ok", flush=True)
        except Exception as problem:
            failed += 1
            print(f"gimp: {name}: FAILED: {problem}", flush=True)
            if not isinstance(problem, AssertionError):
                traceback.print_exc()
    print(f"gimp: {len(cases)} cases, {failed} failed", flush=True)


main()
