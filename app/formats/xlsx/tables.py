"""Table parts, whose columns must be named as the cells that head them."""

import re
from collections.abc import Callable

from app.formats.guard import UnreadableFile
from app.formats.xlsx.markup import attributes_of, decode_text, encode_text, escape_attribute
from app.formats.xlsx.strings import declared_encoding, decode_part
from app.sheet.address import BadAddress, Range, parse_range

_TABLE = re.compile(r"<(?:[\w.-]+:)?table\s([^<>]*)>")
_COLUMN = re.compile(r"<(?:[\w.-]+:)?tableColumn\s([^<>]*?)/?>")
_NAME = re.compile(r"""(\sname\s*=\s*)(?:"[^"]*"|'[^']*')""")


def header_of(table: bytes) -> Range | None:
    """Where a table part's column names stand; None where it has no header row, or cannot be read."""
    try:
        found = _TABLE.search(decode_part(table, "table.xml"))
    except UnreadableFile:
        return None
    attributes = attributes_of(found[1]) if found else {}
    if attributes.get("headerRowCount", "1") == "0":
        return None
    try:
        area = parse_range(attributes.get("ref", ""))
    except BadAddress:
        return None
    return area._replace(bottom=area.top)


def renamed_columns(table: bytes, text_at: Callable[[int, int], str | None]) -> bytes:
    """A table part whose columns are named as their header cells read.

    text_at: the text of a cell at (row, column); a column whose cell has none keeps its name.
    """
    header = header_of(table)
    if header is None:
        return table
    source = decode_part(table, "table.xml")
    column = header.left - 1

    def rename(match: re.Match[str]) -> str:
        nonlocal column
        column += 1
        wanted = text_at(header.top, column)
        known = decode_text(attributes_of(match[1]).get("name", ""))
        if not wanted or wanted.replace("\r\n", "\n") == known.replace("\r\n", "\n"):
            return match[0]
        name = escape_attribute(encode_text(wanted).replace("\r", "_x000d_").replace("\n", "_x000a_"))
        return _NAME.sub(lambda old: f'{old[1]}"{name}"', match[0], count=1)

    renamed = _COLUMN.sub(rename, source)
    return table if renamed == source else renamed.encode(declared_encoding(table))
