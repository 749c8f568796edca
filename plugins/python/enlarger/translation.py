"""The language of the texts in dialogs, looked up with GNU gettext. What has no translation stays English."""

import gettext


def _(text: str) -> str:
    """A text in the user's language."""
    return gettext.translation("enlarger", fallback=True).gettext(text) if text else ""
