"""Rows into the source of a worksheet part."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.numbers import number_text
from app.formats.xlsx.row_source import fitting, placed, row_source
from app.sheet.address import column_name
from app.sheet.cell import LexicalNumber
from app.sheet.row import Row

_SHAPES = 4_000
_Texts = list[Callable[[Any], str]]


def sheet_source(frame: Frame, rows: Iterable[bytes]) -> Iterator[bytes]:
    """A worksheet part: its frame around the sources of its rows."""
    yield frame.head
    if frame.empty is None:
        yield from rows
    else:
        prefix = frame.dialect.prefix
        sources = iter(rows)
        first = next(sources, None)
        if first is None:
            yield frame.empty
        else:
            yield f"<{prefix}sheetData>".encode()
            yield first
            yield from sources
            yield f"</{prefix}sheetData>".encode()
    yield frame.tail


def untouched_rows(rows: Iterable[tuple[int, Row]], frame: Frame, writer: CellWriter) -> Iterator[bytes]:
    """The sources of rows as their file had them."""
    render = RowWriter(writer, frame.gap).row
    for index, row in rows:
        if row.raw is not None:
            yield placed(row.raw, index)
        else:
            yield render(index, row).encode()


class RowWriter:
    """Renders rows of cells, with `gap` after each; rows of one shape share a template."""

    def __init__(self, writer: CellWriter, gap: str) -> None:
        self._writer = writer
        self._gap = gap
        self._shapes: dict[tuple[object, ...], tuple[str, _Texts] | None] = {}
        self._texts: dict[type, Callable[[Any], str]] = {
            int: str,
            float: number_text,
            LexicalNumber: number_text,
            str: self._index,
            type(None): _nothing,
        }

    def row(self, index: int, row: Row) -> str:
        """The source of a row that stands at a zero-based index."""
        if row.columns and not row.formulas and not row.extras:
            key = (row.columns, row.styles, tuple(map(type, row.values)))
            shape = self._shapes[key] if key in self._shapes else self._shape(key, row)
            if shape is not None:
                template, texts = shape
                try:
                    filled = template.replace("\x00", str(index + 1)) % tuple(
                        [text(value) for text, value in zip(texts, row.values, strict=True)]
                    )
                except _NotInTable:
                    filled = ""
                if filled:
                    tag = f'<{self._writer.dialect.prefix}row r="{index + 1}"{fitting(row)}>'
                    return f"{tag}{filled}{self._gap}"
        return row_source(index, row, self._writer) + self._gap

    def _shape(self, key: tuple[object, ...], row: Row) -> tuple[str, _Texts] | None:
        """The template of rows with these columns, styles and types of values, and what makes its texts."""
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        writer, dialect = self._writer, self._writer.dialect
        c, v = dialect.prefix + "c", dialect.prefix + "v"
        types = [type(value) for value in row.values]
        found = None
        if all(kind in self._texts for kind in types):
            sources = []
            for column, style, kind in zip(row.columns, row.styles or [0] * len(types), types, strict=True):
                said = {str: "s", type(None): ""}.get(kind, "n" if dialect.number_type else "")
                tag = f'<{c} r="{column_name(column)}\x00"{writer.attributes(style, said)}'
                sources.append(
                    tag + dialect.close + "%s" if kind is type(None) else f"{tag}><{v}>%s</{v}></{c}>"
                )
            source = "".join(sources).replace("%", "%%").replace("%%s", "%s")
            found = f"{source}</{dialect.prefix}row>", [self._texts[kind] for kind in types]
        self._shapes[key] = found
        return found

    def _index(self, text: str) -> str:
        """The text of a shared text's index."""
        index = self._writer.strings.index(text)
        if index is None:
            raise _NotInTable
        return str(index)


class _NotInTable(Exception):
    """A text that the table of shared strings does not hold."""


def _nothing(_value: None) -> str:
    return ""
