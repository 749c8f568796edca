"""Overshoot: bright and dark lines beside edges, which no faithful enlargement has."""

import numpy as np
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

NEAR, NARROW = (5, 5, 1), (3, 3, 1)
# What rounding hides, and the height from which a narrow peak of the source counts as detail; out of 255.
TOLERANCE, PEAK = 1, 6


def overshoot(result: Image.Image, small: Image.Image) -> float:
    """The mean of what lies beyond the extremes of the 5×5 source pixels around, over all samples, out of 255.

    Samples count where the source has, within a pixel, no peak of the same kind that is narrower than three pixels (its top-hat:
    the source less its opening, or its closing less the source). There, truth lies beyond the source as well.
    """
    source = np.asarray(small, np.float64)
    factor = result.height // small.height
    enlarged = lambda values: values.repeat(factor, 0).repeat(factor, 1)
    level = lambda height: enlarged(maximum_filter(height, NARROW) < PEAK)
    opening = maximum_filter(minimum_filter(source, NARROW), NARROW)
    closing = minimum_filter(maximum_filter(source, NARROW), NARROW)
    made = np.asarray(result, np.float64)
    above = (made - enlarged(maximum_filter(source, NEAR)) - TOLERANCE) * level(source - opening)
    below = (enlarged(minimum_filter(source, NEAR)) - made - TOLERANCE) * level(closing - source)
    return float(np.maximum(np.maximum(above, below), 0).mean())
