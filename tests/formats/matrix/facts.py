"""The metadata that is written into sources, and how to tell whether a result keeps it or says that it does not."""

from .picture import HEIGHT, WIDTH

# Each kind of metadata: the words by which a note names it, and the tags that are written, with a value of their own each.
KINDS = {
    "EXIF": (
        ("exif",),
        {
            "EXIF:Artist": "exif artist",
            "EXIF:Copyright": "exif rights",
            "EXIF:ImageDescription": "exif description",
            "EXIF:UserComment": "exif user comment",
            "EXIF:DateTimeOriginal": "2019:03:04 05:06:07",
        },
    ),
    "XMP": (
        ("xmp",),
        {
            "XMP-dc:Description": "xmp description",
            "XMP-dc:Rights": "xmp rights Lübeck",
            "XMP-xmpRights:UsageTerms": "xmp terms",
        },
    ),
    "IPTC": (
        ("iptc",),
        {
            "IPTC:Caption-Abstract": "iptc caption Lübeck",
            "IPTC:Keywords": "iptc keyword",
            "IPTC:CopyrightNotice": "iptc rights",
        },
    ),
    "comment": (("comment",), {"Comment": "a comment"}),
    "text": (("text",), {"PNG:Title": "png title"}),
}
# What each format of a source has, as far as exiftool writes it.
OF_FORMAT = {
    ".png": ("EXIF", "XMP", "text"),
    ".jpg": ("EXIF", "XMP", "IPTC", "comment"),
    ".tif": ("EXIF", "XMP", "IPTC"),
    ".webp": ("EXIF", "XMP"),
    ".psd": ("EXIF", "XMP", "IPTC"),
    ".jxl": ("EXIF", "XMP"),
}
DPI = 240


def describe(source, exiftool):
    """Writes every kind of metadata that the source's format has, sizes and a thumbnail's orientation included."""
    kinds = OF_FORMAT.get(source.path.suffix)
    if not kinds:
        return
    arguments = []
    for kind in kinds:
        for tag, value in KINDS[kind][1].items():
            arguments.append(f"-{tag}={value}")
            source.facts[value] = KINDS[kind][0]
    if "EXIF" in kinds:
        arguments += [f"-EXIF:ExifImageWidth={WIDTH}", f"-EXIF:ExifImageHeight={HEIGHT}"]
        if source.path.suffix != ".jxl":
            arguments += [f"-EXIF:XResolution={DPI}", f"-EXIF:YResolution={DPI}", "-EXIF:ResolutionUnit=inches"]
            source.dpi = (DPI, DPI)
    exiftool.write(source.path, arguments)


def missing(source, found, notes):
    """What the result has lost without a note."""
    values = " ".join(_texts(found))
    said = " ".join(notes).lower()
    lost = [value for value, words in source.facts.items() if value not in values and not any(w in said for w in words)]
    if source.dpi and not _has_density(found) and "density" not in said and "resolution" not in said:
        lost.append("the density")
    return lost


def _has_density(found):
    pixels_per_metre = found.get("PNG:PixelsPerUnitX")
    if pixels_per_metre:
        return abs(pixels_per_metre * 0.0254 - DPI) < 0.1
    return any(tag.endswith("XResolution") and abs(float(value) - DPI) < 0.1 for tag, value in found.items())


def _texts(value):
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [str(value)]


def false(found, width, height):
    """What the result states and is not true of it."""
    wrong = []
    for tag, truth in (
        ("EXIF:ExifImageWidth", width),
        ("EXIF:ExifImageHeight", height),
        ("EXIF:ImageWidth", width),
        ("EXIF:ImageHeight", height),
        ("XMP:ImageWidth", width),
        ("XMP:ExifImageWidth", width),
        ("EXIF:Orientation", 1),
        ("XMP:Orientation", 1),
    ):
        if found.get(tag, truth) != truth:
            wrong.append(f"{tag} is {found[tag]}")
    wrong += [tag for tag in found if "Thumbnail" in tag or tag == "EXIF:PreviewImage"]
    return wrong
