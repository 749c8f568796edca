"""The table of cases: colour model, depth and profile of each picture, and the position of its layer.

Used outside Krita to make the pictures, and inside to test with them.
"""

from collections import namedtuple

WIDTH, HEIGHT, FACTOR = 61, 47, 2

Case = namedtuple("Case", "name model depth file profile x y")

# Krita's names of the profiles, which are also the names of their files.
SRGB, LINEAR, CLAY, WIDE = (
    "sRGB-elle-V2-srgbtrc.icc",
    "sRGB-elle-V2-g10.icc",
    "ClayRGB-elle-V2-g22.icc",
    "Rec2020-elle-V4-g10.icc",
)
GRAY, GRAY_LINEAR, GRAY_GAMMA = "Gray-D50-elle-V2-srgbtrc.icc", "Gray-D50-elle-V2-g10.icc", "Gray-D50-elle-V2-g22.icc"


def case(name, model, depth, profile, x=0, y=0):
    return Case(name, model, depth, profile, profile, x, y)


CASES = [
    case("rgb-u8", "RGBA", "U8", SRGB),
    case("rgb-u8-offset", "RGBA", "U8", SRGB, -7, 5),
    case("rgb-u8-beyond", "RGBA", "U8", SRGB, 40, -30),
    case("rgb-u8-clay", "RGBA", "U8", CLAY),
    case("rgb-u16", "RGBA", "U16", SRGB),
    case("rgb-u16-linear", "RGBA", "U16", LINEAR, -3, -4),
    case("rgb-u16-clay", "RGBA", "U16", CLAY),
    case("rgb-f16-linear", "RGBA", "F16", LINEAR),
    case("rgb-f16-srgb", "RGBA", "F16", SRGB, 9, 0),
    case("rgb-f32-linear", "RGBA", "F32", LINEAR),
    case("rgb-f32-wide", "RGBA", "F32", WIDE),
    case("gray-u8", "GRAYA", "U8", GRAY),
    case("gray-u8-gamma", "GRAYA", "U8", GRAY_GAMMA, 11, 13),
    case("gray-u16", "GRAYA", "U16", GRAY),
    case("gray-u16-linear", "GRAYA", "U16", GRAY_LINEAR),
    case("gray-f16", "GRAYA", "F16", GRAY),
    case("gray-f32-linear", "GRAYA", "F32", GRAY_LINEAR),
]
