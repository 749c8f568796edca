"""What dialogs say about the faces of a picture.

All are functions, so that a text is looked up when it is shown. Nothing here may be said about a person.
"""

from .faces import Face
from .geometry import rounded
from .translation import _, plural


def summary(count: int, left_out: int) -> str:
    """How many faces a picture has, and what the user can do with them.

    Arguments:
        left_out: how many of them the user has left out.
    """
    if not count:
        return _("No face was found")
    if not left_out:
        return plural(
            "{count} face; click it to leave it out", "{count} faces; click one to leave it out", count
        ).format(count=count)
    return plural("{left_out} of {count} faces is left out", "{left_out} of {count} faces are left out", left_out).format(
        left_out=left_out, count=count
    )


def help() -> str:
    """What the outlines in the preview mean."""
    return _(
        "Faces that are enlarged in their own way have an outline in the preview. Click one in the preview, or choose it here, to "
        "leave it out: it is then enlarged like the rest, and its outline is dashed. Do it again to take it in."
    )


def item(number: int, face: Face) -> str:
    """A face in a list of all of them, by its number from 1."""
    return _("Face {number}: {width} × {height} pixels at {x}, {y}").format(
        number=number,
        width=rounded(face.width),
        height=rounded(face.height),
        x=rounded(face.left + face.width / 2),
        y=rounded(face.top + face.height / 2),
    )


def searching(name: str) -> str:
    """That faces are being looked for in a picture of this name."""
    return _("Looking for faces in {name}").format(name=name)


def none() -> str:
    """That a picture has no face, where faces are treated in a way of their own."""
    return _("No face was found, so the whole picture is enlarged alike.")


def not_found(x: float, y: float, name: str) -> str:
    """That there is no face at a place where one was to be left out."""
    return _("No face was found at {x}, {y} in '{name}', so none is left out there.").format(x=f"{x:g}", y=f"{y:g}", name=name)
