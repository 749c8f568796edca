"""The language of the dialogs: texts of the shims and of the library, in the language of the host.

Texts are written in English and looked up with gettext in the message catalogs of the folder `locale`. What has no translation
stays English. A host says which languages its user reads before it imports anything that has texts, because constants are
translated when they are made. The binding itself is never translated: messages of exceptions and logs stay English.
"""

import gettext
import os
from collections.abc import Iterable

DOMAIN = "enlarger"
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "locale")

_catalog = gettext.NullTranslations()


def use(languages: Iterable[str]) -> None:
    """Chooses the first of these languages for which there is a catalog, such as "de_AT", "fr" or "pt-BR".

    English ends the list: it needs no catalog, so whoever prefers it must not get a later language.
    """
    global _catalog
    wanted = []
    for language in languages:
        language = language.replace("-", "_")
        if language in ("C", "POSIX") or language[:2] == "en":
            break
        wanted.append(language)
    _catalog = gettext.translation(DOMAIN, FOLDER, wanted or ["C"], fallback=True)


def _(text: str) -> str:
    """A text in the chosen language."""
    # The empty text is the key of a catalog's header.
    return _catalog.gettext(text) if text else ""


def plural(one: str, many: str, count: int) -> str:
    """The form of a text for a number of things, in the chosen language; `one` and `many` are the English forms."""
    return _catalog.ngettext(one, many, count)
