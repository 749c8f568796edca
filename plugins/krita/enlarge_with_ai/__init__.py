"""Krita: Image > Enlarge with AI, Layer > Enlarge with AI.

Krita imports this at every start, so it must never load the library, a model or a dialog; the actions do, when they
are chosen.
"""

from krita import Krita

from .extension import EnlargeWithAi

# Kept here as well: what only Krita holds, Python may take away.
EXTENSION = EnlargeWithAi(Krita.instance())
Krita.instance().addExtension(EXTENSION)
