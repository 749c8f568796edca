"""A labelled case: a file, and what is to be said of it."""

from dataclasses import dataclass, field

# Codes that are right for more than one defect, or that follow from it.
MAY = {
    "enlarged": {"small"},
    "blurred": set(),
    "noisy": {"compressed"},
    "compressed": {"noisy"},
    "sharpened": {"clipped", "noisy"},
    "screened": {"noisy", "sharpened", "content"},
    "clipped": set(),
    "content": {"small", "enlarged"},
    "small": set(),
}


@dataclass(frozen=True)
class Case:
    """A file, and what is to be said of it."""

    half: str
    picture: str
    name: str
    data: bytes
    suffix: str = ".png"
    # The code that is meant; None for a good picture.
    code: str | None = None
    words: list[str] = field(default_factory=list)

    @property
    def may(self) -> set[str]:
        return MAY.get(self.code, set()) | ({self.code} if self.code else set())
