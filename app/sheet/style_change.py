"""What is to change in the look of cells: only what is named, all else stays as it is."""

import re
from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from app.sheet.formatting.code import BadCode, compile_code

MAX_FORMAT = 255
"""Characters of a number format code, as in Excel."""

Side: TypeAlias = Literal["top", "right", "bottom", "left"]
Underline: TypeAlias = Literal["single", "double", "singleAccounting", "doubleAccounting"]
Line: TypeAlias = Literal[
    "thin", "medium", "thick", "hair", "dotted", "dashed", "double", "dashDot", "dashDotDot",
    "mediumDashed", "mediumDashDot", "mediumDashDotDot", "slantDashDot",
]  # fmt: skip
Horizontal: TypeAlias = Literal[
    "left", "center", "right", "fill", "justify", "centerContinuous", "distributed"
]
Vertical: TypeAlias = Literal["top", "center", "bottom", "justify", "distributed"]

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_FONT_NAME = 31
_MAX_SIZE = 409
_MAX_INDENT = 250
_STACKED = 255


class BadStyle(ValueError):
    """A look that no cell can have; the message says what to change."""


class Border(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line at a side of each cell: its style, and its colour as ``#rrggbb``, None for automatic."""

    style: Line
    color: str | None = None


class StyleChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New properties for the look of cells.

    format: a number format code. None takes a property back to what cells have by default: no underline,
    the automatic colour, no fill, no line at a side, alignment by the kind of value. size: in points.
    rotation: in degrees counter-clockwise, -90 to 90, or 255 for letters one below the other.
    """

    format: str | UnsetType = UNSET
    bold: bool | UnsetType = UNSET
    italic: bool | UnsetType = UNSET
    underline: bool | Underline | UnsetType | None = UNSET
    strike: bool | UnsetType = UNSET
    font: str | UnsetType = UNSET
    size: float | UnsetType = UNSET
    color: str | UnsetType | None = UNSET
    fill: str | UnsetType | None = UNSET
    borders: dict[Side, Border | None] | UnsetType = UNSET
    align: Horizontal | UnsetType | None = UNSET
    valign: Vertical | UnsetType | None = UNSET
    wrap: bool | UnsetType = UNSET
    indent: int | UnsetType = UNSET
    rotation: int | UnsetType = UNSET

    def check(self) -> None:
        """Raise BadStyle where a property is beyond what a cell can have, or none is named."""
        if not any(getattr(self, name) is not UNSET for name in self.__struct_fields__):
            raise BadStyle("Name at least one property of the style to change, such as bold.")
        if self.format is not UNSET:
            _check_format(self.format)
        if self.font is not UNSET and (
            not 0 < len(self.font.strip()) <= _MAX_FONT_NAME or _FORBIDDEN.search(self.font)
        ):
            raise BadStyle(f"A font's name has 1 to {_MAX_FONT_NAME} characters.")
        if self.size is not UNSET and not 1 <= self.size <= _MAX_SIZE:
            raise BadStyle(f"A font's size is 1 to {_MAX_SIZE} points.")
        if self.indent is not UNSET and not 0 <= self.indent <= _MAX_INDENT:
            raise BadStyle(f"An indent is 0 to {_MAX_INDENT}.")
        if self.rotation is not UNSET and not (-90 <= self.rotation <= 90 or self.rotation == _STACKED):
            raise BadStyle("A rotation is -90 to 90 degrees, or 255 for letters one below the other.")
        borders = self.borders if self.borders is not UNSET else {}
        for color in (self.color, self.fill, *(line.color for line in borders.values() if line)):
            if isinstance(color, str) and not _COLOR.fullmatch(color):
                raise BadStyle(f"“{color[:40]}” is no colour. Write it like #ff8800.")


def _check_format(code: str) -> None:
    """Raise BadStyle where a number format code is one that Excel would not take."""
    if not code or len(code) > MAX_FORMAT or _FORBIDDEN.search(code):
        raise BadStyle(f"A number format has 1 to {MAX_FORMAT} characters.")
    try:
        compile_code(code)
    except BadCode:
        raise BadStyle(f"“{code}” is no number format. Write one such as 0.00 or yyyy-mm-dd.") from None
