"""The package of a state: its own parts by their roles, and what takes their place."""

from collections.abc import Sequence

from app.formats.xlsx.package import Package
from app.store.state import State


class NoPackage(ValueError):
    """A workbook that is no package of parts, such as a text file, which holds one sheet and only text."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"This workbook did not come from an xlsx file, and its format has no place for {what}. "
            "Download it as xlsx and upload that as a new workbook."
        )


def package_of(state: State, what: str) -> tuple[Package, Sequence[bytes]]:
    """The package of a state and its parts. Raises NoPackage where it has none; what: what it is for."""
    if state.manifest.format != "xlsx":
        raise NoPackage(what)
    return Package.decode(state.store.get(state.manifest.package)), state.parts
