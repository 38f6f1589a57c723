"""Rows into the source of a worksheet part."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.numbers import number_text
from app.formats.xlsx.row_source import fitting, placed, row_source
from app.sheet.address import column_name
from app.sheet.cell import LexicalNumber
from app.sheet.row import Row

ROWS_AT_ONCE = 256
_SHAPES = 4_000


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
    """The sources of rows as their file had them, some hundred at a time."""
    render = RowWriter(writer, frame.gap).rows
    ahead = iter(rows)
    while batch := list(islice(ahead, ROWS_AT_ONCE)):
        yield render(batch)


class RowWriter:
    """Renders rows of cells, with `gap` after each; rows of one shape share a template."""

    def __init__(self, writer: CellWriter, gap: str) -> None:
        self._writer = writer
        self._gap = gap
        self._templates: dict[_Shape, str] = {}

    def rows(self, rows: Iterable[tuple[int, Row]]) -> bytes:
        """The source of (zero-based row, Row) pairs: of one that is kept with its source, that."""
        pieces = []
        for shape, run in groupby(rows, _shape):
            found = list(run)
            pieces.append((self._run(shape, found) if shape else None) or b"".join(map(self._single, found)))
        return b"".join(pieces)

    def _single(self, place: tuple[int, Row]) -> bytes:
        index, row = place
        if row.raw is not None:
            return placed(row.raw, index)
        return (row_source(index, row, self._writer) + self._gap).encode()

    def _run(self, shape: "_Shape", run: Sequence[tuple[int, Row]]) -> bytes | None:
        """The source of rows of one shape; None where a text is not in the table of shared strings."""
        template = self._templates.get(shape)
        if template is None:
            if len(self._templates) >= _SHAPES:
                self._templates.clear()
            self._templates[shape] = template = self._template(shape)
        numbers = [index + 1 for index, _ in run]
        # Rows of a shape have the same columns, so those that say the same need the same spans.
        tags = {row.attributes: fitting(row) for _, row in run}
        texts: list[Iterable[object]] = [numbers, [tags[row.attributes] for _, row in run]]
        for kind, values in zip(shape.kinds, zip(*(row.values for _, row in run), strict=True), strict=True):
            texts.append(numbers)
            if kind == "number":
                texts.append(_number_texts(values))
            elif kind == "text":
                indexes = self._writer.strings.indexes(values)
                if indexes is None:
                    return None
                texts.append(indexes)
        return "".join(map(template.__mod__, zip(*texts, strict=True))).encode()

    def _template(self, shape: "_Shape") -> str:
        """The source of a row of the shape, with ``%s`` for its number, its attributes and its texts."""
        writer, dialect = self._writer, self._writer.dialect
        c, v = dialect.prefix + "c", dialect.prefix + "v"
        said = {"text": "s", "number": "n" if dialect.number_type else "", "blank": ""}
        sources = [f'<{dialect.prefix}row r="%s"%s>']
        for column, style, kind in zip(
            shape.columns, shape.styles or [0] * len(shape.columns), shape.kinds, strict=True
        ):
            tag = f'<{c} r="{column_name(column)}%s"{writer.attributes(style, said[kind])}'
            sources.append(tag + dialect.close if kind == "blank" else f"{tag}><{v}>%s</{v}></{c}>")
        end = f"</{dialect.prefix}row>{self._gap}"
        return "".join(sources) + end.replace("%", "%%")


class _Shape(NamedTuple):
    """What rows have in common that share a template; kinds: "number", "text" or "blank", by cell."""

    columns: Sequence[int]
    styles: Sequence[int]
    kinds: tuple[str, ...]


_KINDS: dict[type, str] = {
    int: "number",
    float: "number",
    LexicalNumber: "number",
    str: "text",
    type(None): "blank",
}


def _shape(place: tuple[int, Row]) -> _Shape | None:
    """The shape of a row; None where it needs more than a template."""
    row = place[1]
    if row.raw is not None or not row.columns or row.formulas or row.extras:
        return None
    try:
        return _Shape(row.columns, row.styles, tuple([_KINDS[type(value)] for value in row.values]))
    except KeyError:
        return None


def _number_texts(values: Sequence[Any]) -> Sequence[object]:
    """What `number_text` gives of each number, or what formats as that."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return values
    if LexicalNumber in kinds:
        return list(map(number_text, values))
    texts = list(map(repr, values))
    lines = "\n".join(texts) + "\n"
    return list(map(number_text, values)) if ".0\n" in lines or "e" in lines else texts
