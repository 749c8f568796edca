"""Colour spaces of Krita's layers: what the library makes of them, and Krita's conversion where it cannot.

What a layer's numbers mean is never guessed: the profile's own bytes go to the library, or the layer goes through
Krita's conversion to linear RGB and back.
"""

import functools
import os
import tempfile
import zipfile
from dataclasses import dataclass

from krita import InfoObject, Krita

from .enlarger.errors import invalid
from .enlarger.formats import SAMPLES

# Krita's channels in memory and the library's: integers of RGB are blue first, floats are red first.
CHANNELS = {
    ("RGBA", "U8"): "bgra",
    ("RGBA", "U16"): "bgra",
    ("RGBA", "F16"): "rgba",
    ("RGBA", "F32"): "rgba",
    ("GRAYA", "U8"): "gray_alpha",
    ("GRAYA", "U16"): "gray_alpha",
    ("GRAYA", "F16"): "gray_alpha",
    ("GRAYA", "F32"): "gray_alpha",
}
# Channels, alpha included, of those that Krita converts.
CONVERTED = {"CMYKA": 5, "LABA": 4, "XYZA": 4, "YCbCrA": 4}


@dataclass(frozen=True)
class Space:
    """A colour space, by Krita's names."""

    model: str
    depth: str
    profile: str

    @property
    def converted(self):
        """Whether Krita has to convert it for the library."""
        return self.model in CONVERTED

    @property
    def pixel_size(self):
        channels = CONVERTED.get(self.model) or (4 if self.model == "RGBA" else 2)
        return channels * SAMPLES[self.depth.lower()][1]

    @property
    def format(self):
        """As the library names the pixels that it gets."""
        if self.converted:
            return "rgba f32"
        return f"{CHANNELS[self.model, self.depth]} {self.depth.lower()}"

    @property
    def colour(self):
        """What the library's numbers mean, as a Picture takes it."""
        if self.converted:
            return {"colour_space": "linear_srgb"}
        return {"icc_profile": profile_bytes(self)}

    def to_library(self, pixels, width, height):
        """Pixels as the library gets them."""
        return convert(pixels, width, height, self, LINEAR) if self.converted else pixels

    def from_library(self, pixels, width, height):
        """Pixels as the layer gets them."""
        return convert(pixels, width, height, LINEAR, self) if self.converted else pixels


# Where all colours have a place: values outside 0 to 1 are kept.
LINEAR = Space("RGBA", "F32", "sRGB-elle-V2-g10.icc")


def space_of(node):
    """The colour space of a layer."""
    space = Space(node.colorModel(), node.colorDepth(), node.colorProfile())
    known = (space.model, space.depth) in CHANNELS or (space.converted and space.depth.lower() in SAMPLES)
    if not known:
        raise invalid(
            f"the layer '{node.name()}' has a colour space that is not known here ({space.model} {space.depth}); "
            "convert it to RGB with Layer > Convert"
        )
    size = sum(channel.channelSize() for channel in node.channels())
    if size != space.pixel_size:
        raise invalid(
            f"the layer '{node.name()}' has pixels of {size} bytes and not of {space.pixel_size}, as {space.model} "
            f"{space.depth} should; please report this"
        )
    return space


@functools.lru_cache(maxsize=16)
def profile_bytes(space):
    """The bytes of a space's ICC profile. Krita gives only its name, but writes it into its files."""
    scratch = _scratch(1, 1, space)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "profile.kra")
            scratch.exportImage(path, InfoObject())
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if name.endswith("/annotations/icc")]
                data = archive.read(names[0]) if names else b""
    except (OSError, zipfile.BadZipFile) as problem:
        data, reason = b"", f" ({problem})"
    else:
        reason = ""
    finally:
        _close(scratch)
    if not data:
        raise invalid(
            f"Krita does not give away the colour profile '{space.profile}'{reason}; convert the image to sRGB first, "
            "or make room in the folder for temporary files"
        )
    return data


def convert(pixels, width, height, source, target):
    """Pixels of one space in another, by Krita, in a document that nobody sees."""
    checked(pixels, width, height, source.pixel_size)
    scratch = _scratch(width, height, source)
    try:
        node = scratch.topLevelNodes()[0]
        node.setPixelData(pixels, 0, 0, width, height)
        if not scratch.setColorSpace(target.model, target.depth, target.profile):
            raise invalid(
                f"Krita cannot convert from {source.model} ({source.profile}) to {target.model} ({target.profile}); "
                "convert the layer to RGB with Layer > Convert"
            )
        scratch.waitForDone()
        found = (node.colorModel(), node.colorDepth(), node.colorProfile())
        if found != (target.model, target.depth, target.profile):
            raise RuntimeError(f"Krita converted to {found} and not to {target}; please report this")
        return checked(node.pixelData(0, 0, width, height).data(), width, height, target.pixel_size)
    finally:
        _close(scratch)


def checked(pixels, width, height, pixel_size):
    """The pixels, if there are as many as there must be: Krita reads and writes memory without looking."""
    if len(pixels) != width * height * pixel_size:
        raise RuntimeError(
            f"{len(pixels)} bytes are not {width} x {height} pixels of {pixel_size} bytes; please report this"
        )
    return pixels


def _scratch(width, height, space):
    document = Krita.instance().createDocument(
        width, height, "enlarger", space.model, space.depth, space.profile, 72.0
    )
    if document is None:
        raise invalid(f"Krita cannot make a document in {space.model} {space.depth}; convert the layer to RGB")
    document.setBatchmode(True)
    found = (document.colorModel(), document.colorDepth(), document.colorProfile())
    if found != (space.model, space.depth, space.profile):
        _close(document)
        raise invalid(
            f"Krita does not find the colour profile '{space.profile}' of the layer; convert the layer to one that is "
            "installed"
        )
    return document


def _close(document):
    document.setModified(False)
    document.close()
