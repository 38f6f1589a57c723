"""Names of sheets, as Excel allows them."""

import re
from collections.abc import Iterable

MAX_SHEET_NAME = 31
"""Characters of a sheet's name, in UTF-16 code units as Excel counts them."""

_FORBIDDEN = re.compile(r"[\\/?*:\[\]]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_RESERVED = "history"
"""The name that Excel keeps for the history of a shared workbook."""


class BadSheetName(ValueError):
    """Not a name for a sheet; the message says what to change."""


def check_sheet_name(name: str, others: Iterable[str]) -> None:
    """Raise BadSheetName where a sheet cannot have a name beside others of these names."""
    if not name.strip():
        raise BadSheetName("Give the sheet a name.")
    if len(name.encode("utf-16-le", "surrogatepass")) // 2 > MAX_SHEET_NAME:
        raise BadSheetName(f"Use at most {MAX_SHEET_NAME} characters for a sheet's name.")
    if found := _FORBIDDEN.search(name):
        raise BadSheetName(f"A sheet's name cannot contain {found[0]} (nor any of \\ / ? * : [ ]).")
    if _UNPRINTABLE.search(name):
        raise BadSheetName("A sheet's name cannot contain control characters.")
    if name[0] == "'" or name[-1] == "'":
        raise BadSheetName("A sheet's name cannot begin or end with an apostrophe.")
    if name.casefold() == _RESERVED:
        raise BadSheetName(f"Excel keeps the name “{name}” for itself. Choose another one.")
    if any(name.casefold() == other.casefold() for other in others):
        raise BadSheetName(f"There is a sheet named “{name}” already. Choose another name.")
