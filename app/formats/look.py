"""How a workbook's cells and sheets look, whatever its format: what pages show beside the values."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from app.sheet.document import Document

GENERAL = "General"


class Look(msgspec.Struct, frozen=True):
    """The styles of a workbook, by the numbers its cells carry, and the date system its numbers are in.

    codes: number format codes. styles: JSON-ready, what differs from the default.
    """

    codes: Sequence[str] = (GENERAL,)
    styles: Sequence[dict[str, Any]] = ({},)
    date1904: bool = False

    def code(self, style: int) -> str:
        """The number format code of a style; General for a number the workbook has no style for."""
        return self.codes[style] if style < len(self.codes) else GENERAL

    def style(self, style: int) -> dict[str, Any]:
        """The style of a number; the default's for a number the workbook has no style for."""
        return self.styles[style] if style < len(self.styles) else {}


PLAIN = Look()
PLAIN_LAYOUT: dict[str, Any] = {
    "default_width": 64,
    "default_height": 20,
    "widths": [],
    "merges": [],
    "freeze": {"rows": 0, "columns": 0},
    "gridlines": True,
    "rtl": False,
}
"""What a sheet looks like that says nothing of it: Excel's default sizes, in pixels."""


def look_of(format: str, package: bytes, parts: object) -> Look:
    return PLAIN


def sheet_look(format: str, frame: bytes) -> dict[str, Any]:
    return PLAIN_LAYOUT


def row_look(format: str, attributes: str) -> dict[str, Any]:
    return {}
