"""A plain xlsx of values and formulas, for documents that came without a package: CSV files, blank ones.

openpyxl makes an empty workbook with the sheets; our own writer splices the rows into it, which streams
and costs nothing for rows and columns that are empty.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import BinaryIO

import msgspec
from openpyxl import Workbook

from app.formats.guard import Limits
from app.formats.xlsx import reader, writer
from app.sheet.cell import LexicalNumber, Value
from app.sheet.document import Document
from app.sheet.row import Row

_NOT_IN_TITLES = re.compile(r"[\\*?:/\[\]\x00-\x1f]")
_TITLE_LENGTH = 31
_EXACT_DIGITS = 15


def write(document: Document, out: BinaryIO) -> None:
    """Write a document's sheets to `out` as a new xlsx: what each cell holds, without looks.

    Text stays text, also where it looks like a number or a formula; so does a number of more digits than
    a spreadsheet keeps.
    """
    empty = BytesIO()
    _workbook(document).save(empty)
    package = reader.read(empty, Limits())
    sheets = [
        msgspec.structs.replace(page, rows=_plain(sheet.rows), edited=True)
        for page, sheet in zip(package.sheets, document.sheets, strict=True)
    ]
    writer.write(msgspec.structs.replace(package, sheets=sheets, stale=document.stale), out)


def _workbook(document: Document) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    titles: set[str] = set()
    for sheet in document.sheets:
        book.create_sheet(_title(sheet.name, titles)).sheet_state = sheet.state
    return book


def _plain(rows: Callable[[], Iterable[tuple[int, Row]]]) -> Callable[[], Iterator[tuple[int, Row]]]:
    """Rows without what only their own format understands."""

    def plain() -> Iterator[tuple[int, Row]]:
        for index, row in rows():
            values = tuple(map(_value, row.values)) if LexicalNumber in map(type, row.values) else row.values
            yield index, Row(row.columns, values, (), row.formulas, row.computed)

    return plain


def _value(value: Value) -> Value:
    """A number of too many digits as text; any other value as it is."""
    if isinstance(value, LexicalNumber):
        digits = re.sub(r"[eE].*|[^0-9]", "", value.text).strip("0")
        return value.text if len(digits) > _EXACT_DIGITS else value
    return value


def _title(name: str, taken: set[str]) -> str:
    """A sheet's name as Excel allows it, unlike the others."""
    plain = _NOT_IN_TITLES.sub("_", name).strip("'")[:_TITLE_LENGTH] or "Sheet"
    title, number = plain, 2
    while title.lower() in taken:
        ending = f" ({number})"
        title, number = plain[: _TITLE_LENGTH - len(ending)] + ending, number + 1
    taken.add(title.lower())
    return title
