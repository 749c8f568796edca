"""The models that a dialog lists to install and remove: their order, their texts, and what can be done with each.

It contains the models of the catalogue and the user's own. It must never know a toolkit, and never hide what a licence
forbids or leaves open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

from .available import AvailableModel
from .registry import Model, Registry
from .translation import _

# The endings of files with models, for a file chooser; ncnn's `.param` has its `.bin` beside it.
ENDINGS = ("pth", "safetensors", "ckpt", "pt", "onnx", "param")
FILES = _("Models") + " (" + " ".join(f".{ending}" for ending in ENDINGS) + ")"
ALL_FILES = _("All files")

# The heads of the columns, in the order of ModelRow.columns, and the column that gets the space that is left.
COLUMNS = (_("Name"), _("What it is for"), _("Scale"), _("Licence"), _("Size"), _("Installed"))
WIDE = 1

# The texts around the list that all dialogs share.
ADD_TITLE = _("Add a model")
ADD_HELP = _("Imports a file with a model, such as a .pth or .safetensors file, and chooses it")
MORE_HELP = _("Lists the models that can be installed, with their licences")
ONE_FILE = _("Drop one file at a time, from this computer.")
ABOUT = _("About the selected model")
SEARCH_HELP = _("Lists only the models that have all of these words in their texts")
LIST_HELP = _("A double click installs a model, or uses it if it is installed")
INSTALL_HELP = _("Downloads and installs the selected model")
REMOVE_HELP = _("Deletes the selected model from this computer")
USE_HELP = _("Closes this window and chooses the selected model")
FIND_OUT = _("Find out whether you may use the model before you use or share results.")

UNKNOWN = "unknown"
# The origin of models inside the library. They cannot be removed.
EMBEDDED = "embedded"

_MODES = {
    "faithful": _("It keeps to the detail of the picture."),
    "creative": _("It adds plausible detail that is not in the picture."),
}


@dataclass(frozen=True)
class ModelRow:
    """A model of the list. All texts are complete and in plain language.

    Attributes:
        id: the value of the option "model".
        name, purpose, scale, licence, size, state: the texts of the columns; they may be empty.
        details: what to know before installing it, as paragraphs.
        consent: what the user must agree to before it is installed; empty if the licence is clear.
        farewell: what the user must agree to before it is removed; empty if it can be installed again.
        installed: whether it is installed.
        removable: whether it can be removed.
        rank: of models that are not the user's own: how free their licence is, 1 being the freest.
    """

    id: str
    name: str
    purpose: str
    scale: str
    licence: str
    size: str
    state: str
    details: tuple[str, ...]
    consent: str
    farewell: str
    installed: bool
    removable: bool
    rank: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The texts of the columns, in the order of COLUMNS."""
        return self.name, self.purpose, self.scale, self.licence, self.size, self.state

    @property
    def text(self) -> str:
        """All that there is to know about it, as paragraphs."""
        return "\n\n".join((self.name, *self.details))

    def matches(self, words: str) -> bool:
        """Whether each of these words is somewhere in its texts."""
        text = " ".join((self.id, *self.columns, *self.details)).casefold()
        return all(word in text for word in words.casefold().split())


def model_rows(registry: Registry) -> list[ModelRow]:
    """The models of the catalogue, and those of the user that are not in it.

    The user's own models come first. The others follow by what their licences allow: commercial use, other use only,
    unclear; and then as in the catalogue.
    """
    models = {model.id: model for model in registry.models}
    entries = registry.available()
    listed = {entry.id for entry in entries}
    own = [model for model in models.values() if model.id not in listed and model.origin != EMBEDDED]
    rows = [_own_row(model) for model in own]
    rows += [_row(entry, models.get(entry.id)) for entry in entries]
    return sorted(rows, key=lambda row: row.rank)


def install_row(registry: Registry, row: ModelRow, **report: Any) -> None:
    """Installs a model whose licence the user has agreed to, if it is unclear. Takes `progress` and `cancel`."""
    registry.install(row.id, accept_unclear_licence=bool(row.consent), **report)


def size_text(size: int) -> str:
    """A file's size for people: "0.6 MB", "67 MB", "1.2 GB"; empty if it is unknown."""
    if size <= 0:
        return ""
    megabytes = max(size / 1e6, 0.1)
    if megabytes >= 999.5:
        return _("{number} GB").format(number=f"{megabytes / 1000:.1f}")
    return _("{number} MB").format(number=f"{megabytes:.1f}" if megabytes < 9.95 else f"{megabytes:.0f}")


def purpose_words(content: str) -> list[str]:
    """The kinds of pictures that a model is for, in English."""
    return [word.strip().replace("_", " ") for word in content.split(",") if word.strip()]


def purpose_text(content: str) -> str:
    """The kinds of pictures that a model is for."""
    return ", ".join(_(word) for word in purpose_words(content))


def licence_text(licence: str, certain: bool, commercial: bool) -> str:
    """A licence in a few words, with what it does not allow."""
    known = licence not in ("", UNKNOWN)
    if not certain:
        return _("unclear (stated: {licence})").format(licence=licence) if known else _("unclear")
    if not known:
        return _("unknown")
    return licence if commercial else _("{licence}, not for commercial use").format(licence=licence)


def _row(entry: AvailableModel, installed: Optional[Model]) -> ModelRow:
    """The row of a model in the catalogue, and of the installed model of its id."""
    licence = licence_text(entry.licence, entry.licence_certain, entry.commercial)
    purpose = purpose_text(entry.content)
    untried = "" if entry.tried else " " + _("The makers of the catalogue have not tried this model.")
    details = _paragraphs(
        _for(purpose) + " " + _MODES.get(entry.mode, "") + " " + _(entry.known_limits) + untried,
        _licence_sentence(entry.licence, entry.licence_certain, entry.commercial, known=True) + _credit(entry.attribution),
        _facts(entry.architecture, entry.version, entry.author, entry.source),
    )
    state = _("no") if installed is None else _("built in") if installed.origin == EMBEDDED else _("yes")
    return ModelRow(
        entry.id,
        entry.name,
        purpose,
        _scale_text(entry.scale),
        licence,
        size_text(entry.size),
        state,
        details,
        "" if entry.licence_certain else consent_text(entry.name, entry.licence, entry.attribution),
        "",
        installed is not None,
        installed is not None and installed.removable == "yes",
        1 if entry.commercial else 2 if entry.licence_certain else 3,
    )


def _own_row(model: Model) -> ModelRow:
    """The row of a model that the user has added."""
    commercial = model.commercial == "yes"
    purpose = purpose_text(model.content)
    details = _paragraphs(
        _("It is not in the catalogue; its files are in {folder}.").format(folder=model.origin),
        _for(purpose) + " " + _MODES.get(model.mode, "") + " " + _(model.known_limits),
        _licence_sentence(model.licence, model.licence != UNKNOWN, commercial, known=False) + _credit(model.attribution),
        _facts(model.architecture, model.version, model.author, model.source),
    )
    return ModelRow(
        model.id,
        model.name,
        purpose,
        _scale_text(int(model.scale) if model.scale.isdecimal() else None),
        licence_text(model.licence, True, commercial),
        "",
        _("yes"),
        details,
        "",
        _("{name} is not in the catalogue. To get it back, you will need its file.").format(name=model.name)
        + "\n\n"
        + _("Remove it?"),
        True,
        model.removable == "yes",
        0,
    )


def consent_text(name: str, licence: str, attribution: str) -> str:
    """What to ask before a model with an unclear licence is installed."""
    unclear = [_("The licence of {name} is unclear.").format(name=name)]
    if licence not in ("", UNKNOWN):
        unclear.append(_("The stated licence is '{licence}'.").format(licence=licence))
    paragraphs = " ".join([*unclear, FIND_OUT]), attribution, _("Install it anyway?")
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _for(purpose: str) -> str:
    return _("For: {purpose}.").format(purpose=purpose) if purpose else ""


def _scale_text(scale: Optional[int]) -> str:
    return "" if scale is None else f"{scale} ×"


def _licence_sentence(licence: str, certain: bool, commercial: bool, known: bool) -> str:
    """What a licence allows. `known`: whether somebody who read it says so."""
    if not certain or licence == "":
        if licence in ("", UNKNOWN):
            return _("The licence is unclear.") + " " + FIND_OUT
        return _("The licence is unclear, although '{licence}' is stated.").format(licence=licence) + " " + FIND_OUT
    if commercial:
        text = _("The licence is {licence}, which allows commercial use.")
    elif known:
        text = _("The licence is {licence}. It does not allow commercial use.")
    else:
        text = _("The licence is {licence}. It may not allow commercial use.")
    return text.format(licence=licence)


def _credit(attribution: str) -> str:
    credit = _("Attribution: {text}").format(text=attribution)
    return " " + credit + "." * (not attribution.endswith(".")) if attribution else ""


def _facts(architecture: str, version: str, author: str, source: str) -> str:
    facts = (
        (_("architecture {name}"), architecture if architecture != UNKNOWN else ""),
        (_("version {name}"), version),
        (_("by {name}"), author),
        (_("from {name}"), source),
    )
    text = ", ".join(fact.format(name=value) for fact, value in facts if value)
    return text[:1].upper() + text[1:] + "." if text else ""


def _paragraphs(*texts: str) -> tuple[str, ...]:
    """Texts without doubled spaces, which come from parts that are empty."""
    joined: Iterable[str] = (" ".join(text.split()) for text in texts)
    return tuple(text for text in joined if text)
