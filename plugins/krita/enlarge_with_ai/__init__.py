"""The Krita plug-in: Image > Enlarge with AI, Layer > Enlarge with AI.

Krita imports this file at every start, so it must never load the library, a model or a dialog. The actions load them when
the user chooses one.
"""

from krita import Krita

from .enlarger import translation
from .language import languages

# Before the texts are imported.
translation.use(languages())

from .extension import EnlargeWithAi  # noqa: E402

# Python deletes an extension that only Krita refers to.
EXTENSION = EnlargeWithAi(Krita.instance())
Krita.instance().addExtension(EXTENSION)
