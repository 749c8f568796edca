"""The models that a dialog lists to install and remove: their order, their texts, and what can be done with each.

It contains the models of the catalogue and the user's own. It must never know a toolkit, and never hide what a licence
forbids or leaves open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

from .available import AvailableModel
from .registry import Model, Registry

# The endings of files with models, for a file chooser; ncnn's `.param` has its `.bin` beside it.
ENDINGS = ("pth", "safetensors", "ckpt", "pt", "onnx", "param")
FILES = "Models (" + " ".join(f".{ending}" for ending in ENDINGS) + ")"
ALL_FILES = "All files"

# The heads of the columns, in the order of ModelRow.columns, and the column that gets the space that is left.
COLUMNS = ("Name", "What it is for", "Scale", "Licence", "Size", "Installed")
WIDE = COLUMNS.index("What it is for")

# The texts around the list that all dialogs share.
ADD_TITLE = "Add a model"
ADD_HELP = "Imports a file with a model, such as a .pth or .safetensors file, and chooses it"
MORE_HELP = "Lists the models that can be installed, with their licences"
ONE_FILE = "Drop one file at a time, from this computer."
ABOUT = "About the selected model"
FIND_OUT = "Find out whether you may use the model before you use or share results."

UNKNOWN = "unknown"
# The origin of models inside the library. They cannot be removed.
EMBEDDED = "embedded"

_MODES = {
    "faithful": "It keeps to the detail of the picture.",
    "creative": "It adds plausible detail that is not in the picture.",
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
    if megabytes < 9.95:
        return f"{megabytes:.1f} MB"
    return f"{megabytes:.0f} MB" if megabytes < 999.5 else f"{megabytes / 1000:.1f} GB"


def purpose_text(content: str) -> str:
    """The kinds of pictures that a model is for."""
    return ", ".join(word.strip().replace("_", " ") for word in content.split(",") if word.strip())


def licence_text(licence: str, certain: bool, commercial: bool) -> str:
    """A licence in a few words, with what it does not allow."""
    known = licence not in ("", UNKNOWN)
    if not certain:
        return f"unclear (stated: {licence})" if known else "unclear"
    if not known:
        return "unknown"
    return licence if commercial else f"{licence}, not for commercial use"


def _row(entry: AvailableModel, installed: Optional[Model]) -> ModelRow:
    """The row of a model in the catalogue, and of the installed model of its id."""
    licence = licence_text(entry.licence, entry.licence_certain, entry.commercial)
    purpose = purpose_text(entry.content)
    untried = "" if entry.tried else " The makers of the catalogue have not tried this model."
    details = _paragraphs(
        _for(purpose) + " " + _MODES.get(entry.mode, "") + " " + entry.known_limits + untried,
        _licence_sentence(entry.licence, entry.licence_certain, entry.commercial, known=True) + _credit(entry.attribution),
        _facts(entry.architecture, entry.version, entry.author, entry.source),
    )
    state = "no" if installed is None else "built in" if installed.origin == EMBEDDED else "yes"
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
        f"It is not in the catalogue; its files are in {model.origin}.",
        _for(purpose) + " " + _MODES.get(model.mode, "") + " " + model.known_limits,
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
        "yes",
        details,
        "",
        f"{model.name} is not in the catalogue. To get it back, you will need its file.\n\nRemove it?",
        True,
        model.removable == "yes",
        0,
    )


def consent_text(name: str, licence: str, attribution: str) -> str:
    """What to ask before a model with an unclear licence is installed."""
    stated = f" The stated licence is '{licence}'." if licence not in ("", UNKNOWN) else ""
    credit = f"\n\n{attribution}" if attribution else ""
    return (
        f"The licence of {name} is unclear.{stated} {FIND_OUT}{credit}\n\nInstall it anyway?"
    )


def _for(purpose: str) -> str:
    return f"For: {purpose}." if purpose else ""


def _scale_text(scale: Optional[int]) -> str:
    return "" if scale is None else f"{scale} ×"


def _licence_sentence(licence: str, certain: bool, commercial: bool, known: bool) -> str:
    """What a licence allows. `known`: whether somebody who read it says so."""
    if not certain or licence == "":
        stated = f", although '{licence}' is stated" if licence not in ("", UNKNOWN) else ""
        return f"The licence is unclear{stated}. {FIND_OUT}"
    if commercial:
        return f"The licence is {licence}, which allows commercial use."
    return f"The licence is {licence}. {'It does not' if known else 'It may not'} allow commercial use."


def _credit(attribution: str) -> str:
    return f" Attribution: {attribution}" + "." * (not attribution.endswith(".")) if attribution else ""


def _facts(architecture: str, version: str, author: str, source: str) -> str:
    facts = [("Architecture", architecture if architecture != UNKNOWN else ""), ("version", version), ("by", author), ("from", source)]
    text = ", ".join(f"{name} {value}" for name, value in facts if value)
    return text[:1].upper() + text[1:] + "." if text else ""


def _paragraphs(*texts: str) -> tuple[str, ...]:
    """Texts without doubled spaces, which come from parts that are empty."""
    joined: Iterable[str] = (" ".join(text.split()) for text in texts)
    return tuple(text for text in joined if text)
