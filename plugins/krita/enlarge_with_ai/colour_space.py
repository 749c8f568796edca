"""The colour spaces of Krita's layers, and Krita's conversion of those that the library does not know.

The meaning of a layer's numbers must never be guessed: either the library gets the bytes of the ICC profile, or Krita
converts the layer to linear RGB and back.
"""

import functools
import os
import tempfile
import zipfile
from dataclasses import dataclass

from krita import InfoObject, Krita

from .enlarger.errors import invalid
from .enlarger.formats import SAMPLES
from .enlarger.translation import _

# The library's channels for Krita's colour models: RGB is blue first as integers, red first as floats.
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
# The number of channels, alpha included, of the colour models that Krita converts.
CONVERTED = {"CMYKA": 5, "LABA": 4, "XYZA": 4, "YCbCrA": 4}


@dataclass(frozen=True)
class ColourSpace:
    """A colour space, by Krita's names."""

    model: str
    depth: str
    profile: str

    @property
    def converted(self):
        """Whether Krita converts it for the library."""
        return self.model in CONVERTED

    @property
    def pixel_size(self):
        channels = CONVERTED.get(self.model) or (4 if self.model == "RGBA" else 2)
        return channels * SAMPLES[self.depth.lower()][1]

    @property
    def format(self):
        """The format of the pixels for the library."""
        if self.converted:
            return "rgba f32"
        return f"{CHANNELS[self.model, self.depth]} {self.depth.lower()}"

    @property
    def colour(self):
        """The meaning of the pixels for the library, as arguments of a Picture."""
        if self.converted:
            return {"colour_space": "linear_srgb"}
        return {"icc_profile": profile_bytes(self)}

    def to_library(self, pixels, width, height):
        """Pixels of the layer, for the library."""
        return convert(pixels, width, height, self, LINEAR) if self.converted else pixels

    def from_library(self, pixels, width, height):
        """Pixels of the library, for the layer."""
        return convert(pixels, width, height, LINEAR, self) if self.converted else pixels


# It can hold all colours, because values outside 0 to 1 are kept.
LINEAR = ColourSpace("RGBA", "F32", "sRGB-elle-V2-g10.icc")


def colour_space_of(node):
    """The colour space of a layer."""
    space = ColourSpace(node.colorModel(), node.colorDepth(), node.colorProfile())
    known = (space.model, space.depth) in CHANNELS or (space.converted and space.depth.lower() in SAMPLES)
    if not known:
        raise invalid(
            _("the layer '{name}' has an unknown colour space ({space}); convert it to RGB with Layer > Convert").format(
                name=node.name(), space=f"{space.model} {space.depth}"
            )
        )
    size = sum(channel.channelSize() for channel in node.channels())
    if size != space.pixel_size:
        raise invalid(
            f"the pixels of the layer '{node.name()}' have {size} bytes, but those of {space.model} {space.depth} should "
            f"have {space.pixel_size}; please report this"
        )
    return space


@functools.lru_cache(maxsize=16)
def profile_bytes(space):
    """The bytes of a colour space's ICC profile. Krita only gives its name, but writes the profile into its files."""
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
            _(
                "Krita does not export the colour profile '{profile}'{reason}; convert the image to sRGB first, or make room "
                "in the folder for temporary files"
            ).format(profile=space.profile, reason=reason)
        )
    return data


def convert(pixels, width, height, source, target):
    """Converts pixels to another colour space by Krita, in a document that has no window."""
    checked(pixels, width, height, source.pixel_size)
    scratch = _scratch(width, height, source)
    try:
        node = scratch.topLevelNodes()[0]
        node.setPixelData(pixels, 0, 0, width, height)
        if not scratch.setColorSpace(target.model, target.depth, target.profile):
            raise invalid(
                _("Krita cannot convert from {source} to {target}; convert the layer to RGB with Layer > Convert").format(
                    source=f"{source.model} ({source.profile})", target=f"{target.model} ({target.profile})"
                )
            )
        scratch.waitForDone()
        found = (node.colorModel(), node.colorDepth(), node.colorProfile())
        if found != (target.model, target.depth, target.profile):
            raise RuntimeError(f"Krita converted to {found} instead of {target}; please report this")
        return checked(node.pixelData(0, 0, width, height).data(), width, height, target.pixel_size)
    finally:
        _close(scratch)


def checked(pixels, width, height, pixel_size):
    """The pixels. Raises RuntimeError if their number is wrong, because Krita does not check it before it uses memory."""
    if len(pixels) != width * height * pixel_size:
        raise RuntimeError(
            f"{len(pixels)} bytes are not {width} x {height} pixels of {pixel_size} bytes; please report this"
        )
    return pixels


def _scratch(width, height, space):
    document = Krita.instance().createDocument(width, height, "enlarger", space.model, space.depth, space.profile, 72.0)
    if document is None:
        text = _("Krita cannot create a document in {space}; convert the layer to RGB")
        raise invalid(text.format(space=f"{space.model} {space.depth}"))
    document.setBatchmode(True)
    found = (document.colorModel(), document.colorDepth(), document.colorProfile())
    if found != (space.model, space.depth, space.profile):
        _close(document)
        raise invalid(
            _(
                "Krita does not find the layer's colour profile '{profile}'; convert the layer to a profile that is installed"
            ).format(profile=space.profile)
        )
    return document


def _close(document):
    document.setModified(False)
    document.close()
