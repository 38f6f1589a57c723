"""Sheets as their text is to be read in a CSV file: numbers as their formats show them, formulas marked."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import msgspec

from app.formats.look import Look
from app.sheet.cell import Value, plain_text
from app.sheet.document import SheetSource
from app.sheet.number_format import GENERAL, display
from app.sheet.references import absolute
from app.sheet.row import Row

MARK = "'"
"""What is put before a text that spreadsheet programs would take for a formula, and before itself."""
_FORMULA_LIKE = ("=", "+", "-", "@", "\t", "\r", MARK)


def as_shown(sheet: SheetSource, look: Look) -> SheetSource:
    """The sheet with each number that has a format as the text which that shows; numbers without one stay."""
    return msgspec.structs.replace(sheet, rows=partial(_shown, sheet.rows, look))


def marked(sheet: SheetSource) -> SheetSource:
    """The sheet with the mark before each text that begins like a formula: taken off a field's beginning, it
    gives the text back. Numbers are not marked."""
    return msgspec.structs.replace(sheet, rows=partial(_marked, sheet.rows))


def _shown(rows: Callable[[], Iterable[tuple[int, Row]]], look: Look) -> Iterator[tuple[int, Row]]:
    for index, row in rows():
        if not row.styles:
            yield index, row
            continue
        codes = [look.code(style) for style in row.styles]
        values = [
            value if code == GENERAL or value is None or type(value) is str else _text(value, code, look)
            for value, code in zip(row.values, codes, strict=True)
        ]
        computed = {
            column: _text(value, look.code(row.cell(column).style), look)
            for column, value in row.computed.items()
        }
        yield index, msgspec.structs.replace(row, values=values, computed=computed)


def _text(value: Value, code: str, look: Look) -> Value:
    return value if code == GENERAL else display(value, code, date1904=look.date1904).text


def _marked(rows: Callable[[], Iterable[tuple[int, Row]]]) -> Iterator[tuple[int, Row]]:
    for index, row in rows():
        values = [_mark(value) for value in row.values]
        for at, column in enumerate(row.columns):
            if column in row.formulas:
                computed = row.computed.get(column)
                formula = "=" + absolute(row.formulas[column], index, column)
                values[at] = _mark(formula if computed is None else computed)
        yield index, msgspec.structs.replace(row, values=values, formulas={}, computed={})


def _mark(value: Value) -> Value:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = plain_text(value)
    return MARK + text if text.startswith(_FORMULA_LIKE) else value
