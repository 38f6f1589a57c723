"""The source of one row, whatever its form: read by expat, and changed only where cells differ.

Kept sources (`Row.raw`) do not say where they stand: each row number in them is a NUL byte, which no XML
can hold.
"""

import re
from collections.abc import Mapping
from xml.parsers import expat

import msgspec

from app.formats import guard
from app.formats.xlsx.cells import CellSource, CellWriter, Masters, decode_extra, read_cell
from app.formats.xlsx.markup import escape_attribute, local, whole
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, column_index
from app.sheet.cell import EMPTY, Cell
from app.sheet.row import Row, row_of

_TAG_END = re.compile(rb"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]*)")
_ROW_NUMBER = re.compile(rb"""(?<!\s)\s++r\s*=\s*(?:"[^"]*"|'[^']*')""")
_SPANS = re.compile(r'\sspans="([0-9]{1,5}):([0-9]{1,5})"')
_PLACES = re.compile(
    rb"""(<(?:[\w.-]+:)?(?:row|c)\s(?:[^<>]*?\s)?r\s*=\s*["'][A-Za-z]{0,3})([0-9]+)(?=["'])"""
)


class CellSpan(msgspec.Struct):
    """A cell in a row's source: its column, where it starts and ends, whether it says its reference."""

    column: int
    start: int
    end: int
    named: bool
    cell: Cell


class RowSource(msgspec.Struct):
    """A row's source taken apart. number: its zero-based row, None where it does not say.

    tag_end: where its start tag ends; closed: whether the tag is its whole; attributes: as in `Row`.
    """

    source: bytes
    number: int | None
    tag_end: int
    closed: bool
    attributes: str
    cells: list[CellSpan]


def parse_row(source: bytes, row: int | None, writer: CellWriter, masters: Masters) -> RowSource:
    """Take a ``<row>`` element's source apart; `row` is where it stands if its source does not say.

    Raises UnreadableFile where it is no well-formed row, or lies outside a sheet.
    """
    collector = _Collector(source)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    collector.listen(parser)
    try:
        parser.Parse(source, True)
    except expat.ExpatError as error:
        raise guard.broken(f"a row is not well-formed XML ({expat.errors.messages[error.code]})") from error
    number = _row_number(collector.row_attributes.get("r"))
    at = number if number is not None else row or 0
    if not 0 <= at < MAX_ROWS:
        raise guard.broken(f"row {at + 1} lies outside a sheet")
    cells, column = [], -1
    for start, end, reference, cell_source in collector.cells:
        column = column + 1 if reference is None else _column(reference)
        if column >= MAX_COLUMNS:
            raise guard.broken(f"a cell in row {at + 1} lies outside a sheet")
        cell = read_cell(cell_source, at, column, writer.dialect, writer.strings, masters)
        cells.append(CellSpan(column, start, end, reference is not None, cell))
    match = _TAG_END.match(source)
    tag_end = match.end() if match else len(source)
    tag = source[:tag_end]
    closed = tag.endswith(b"/>")
    name_end = re.match(rb"<[^\s/>]+", tag)
    inner = tag[name_end.end() if name_end else 0 : -2 if closed else -1]
    attributes = _ROW_NUMBER.sub(b"", inner, count=1).rstrip().decode()
    return RowSource(source, number, tag_end, closed, attributes, cells)


def row_from(parsed: RowSource, row: int) -> Row:
    """The row of a source that stands at a zero-based row, its source kept."""
    cells = {span.column: span.cell for span in parsed.cells}
    return row_of(cells, parsed.attributes, unplaced(parsed.source, row))


def unplaced(source: bytes, row: int) -> bytes:
    """A row's source without its row number."""
    number = str(row + 1).encode()
    return _PLACES.sub(lambda match: match[1] + b"\x00" if match[2] == number else match[0], source)


def placed(raw: bytes, row: int) -> bytes:
    """A kept source as it reads at a zero-based row."""
    return raw.replace(b"\x00", str(row + 1).encode())


def splice(raw: bytes, index: int, row: Row, previous: int, writer: CellWriter) -> bytes:
    """The source of `row`, made from its kept source by replacing only the cells that differ.

    previous: the row written before, to tell whether a row that does not say its number needs to.
    """
    parsed = parse_row(placed(raw, index), index, writer, Masters())
    wanted = dict(row.cells())
    known = {span.column: span.cell for span in parsed.cells}
    differs = any(
        not _same(known.get(at, EMPTY), wanted.get(at, EMPTY)) for at in known.keys() | wanted.keys()
    )
    source = parsed.source
    if differs and not all(span.named for span in parsed.cells):
        source = row_source(index, row, writer).encode() + _after(source)
    elif differs or row.attributes != parsed.attributes:
        source = _spliced(parsed, wanted, index, fitting(row), writer)
    if parsed.number is None and index != previous + 1 and not differs:
        source = re.sub(rb"^<[^\s/>]+", lambda match: match[0] + f' r="{index + 1}"'.encode(), source)
    return source


def _spliced(
    parsed: RowSource, wanted: Mapping[int, Cell], index: int, attributes: str, writer: CellWriter
) -> bytes:
    """A row's source with the cells that differ replaced, cut or put in."""
    pieces: list[bytes] = []
    new = sorted(wanted.keys() - {span.column for span in parsed.cells}, reverse=True)
    written = set[int]()
    at = parsed.tag_end
    for span in parsed.cells:
        while new and new[-1] < span.column:
            column = new.pop()
            pieces.append(writer.cell(index, column, wanted[column]).encode())
        pieces.append(parsed.source[at : span.start])
        at = span.end
        cell = wanted.get(span.column, EMPTY)
        if span.column in written:
            continue
        written.add(span.column)
        if _same(span.cell, cell):
            pieces.append(parsed.source[span.start : span.end])
        elif cell != EMPTY:
            pieces.append(writer.cell(index, span.column, cell).encode())
    pieces += [writer.cell(index, column, wanted[column]).encode() for column in reversed(new)]
    return _with_tag(parsed, b"".join(pieces), at, index, attributes, writer)


def row_source(index: int, row: Row, writer: CellWriter) -> str:
    """The source of a row rendered from its cells alone."""
    dialect = writer.dialect
    attributes = fitting(row)
    cells = "".join(writer.cell(index, column, cell) for column, cell in row.cells())
    tag = f'<{dialect.prefix}row r="{index + 1}"{attributes}'
    return f"{tag}>{cells}</{dialect.prefix}row>" if cells else f"{tag}{dialect.space}/>"


def fitting(row: Row) -> str:
    """A row's attributes, the spans in them wide enough for its cells."""
    match = _SPANS.search(row.attributes) if row.columns else None
    if match is None:
        return row.attributes
    first, last = int(match[1]), int(match[2])
    if first <= row.columns[0] + 1 and row.columns[-1] < last:
        return row.attributes
    spans = f' spans="{min(first, row.columns[0] + 1)}:{max(last, row.columns[-1] + 1)}"'
    return row.attributes[: match.start()] + spans + row.attributes[match.end() :]


def _with_tag(
    parsed: RowSource, cells: bytes, at: int, index: int, attributes: str, writer: CellWriter
) -> bytes:
    """The row around changed cells: its tag kept where it still fits, opened where it was closed."""
    source = parsed.source
    tag = source[: parsed.tag_end]
    name = re.match(rb"<([^\s/>]+)", tag)
    element = name[1] if name else f"{writer.dialect.prefix}row".encode()
    if attributes != parsed.attributes:
        number = f' r="{index + 1}"' if parsed.number is not None else ""
        tag = b"<" + element + (number + attributes).encode() + (b"/>" if parsed.closed else b">")
    if not parsed.closed:
        return tag + cells + source[at:]
    if not cells:
        return tag + source[at:]
    return tag[:-2].rstrip() + b">" + cells + b"</" + element + b">" + source[at:]


def _after(source: bytes) -> bytes:
    """What follows a row's end in its source."""
    return source[source.rfind(b">") + 1 :]


def _same(kept: Cell, wanted: Cell) -> bool:
    """Whether a cell is what its source says; a shared formula's child is compared by its group."""
    if kept == wanted:
        return type(kept.shown) is type(wanted.shown)
    if kept.formula is not None or wanted.formula is None:
        return False
    extra, kept_extra = decode_extra(wanted.extra), decode_extra(kept.extra)
    same_looks = kept.style == wanted.style and extra.c == kept_extra.c and extra.f == kept_extra.f
    return extra.child and same_looks and kept.value == wanted.computed


def _row_number(text: str | None) -> int | None:
    number = whole(text.strip()) if text is not None else None
    return None if number is None else number - 1


def _column(reference: str) -> int:
    match = _REFERENCE.fullmatch(reference.strip().replace("$", ""))
    if not match:
        raise guard.broken(f"“{reference}” is no cell")
    return column_index(match[1])


class _Collector:
    """Gathers a row's cells from expat's events."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.row_attributes: dict[str, str] = {}
        self.cells: list[tuple[int, int, str | None, CellSource]] = []
        self._depth = 0
        self._start = 0
        self._inline = 0
        self._reference: str | None = None
        self._cell: CellSource | None = None
        self._text: list[str] | None = None

    def listen(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth == 1:
            self.row_attributes = attributes
        elif self._depth == 2 and local(name) == "c":
            self._start = self.parser.CurrentByteIndex
            self._reference = attributes.pop("r", None)
            style, kind = attributes.pop("s", None), attributes.pop("t", None)
            self._cell = CellSource(style, kind, attributes_source(attributes))
        elif self._depth == 3 and self._cell is not None:
            self._content(local(name), attributes, self._cell)

    def _content(self, name: str, attributes: dict[str, str], cell: CellSource) -> None:
        if name == "f":
            cell.formula_attributes = attributes_source(attributes)
            self._text = []
        elif name == "v":
            self._text = []
        elif name == "is":
            self._inline = self._tag_end(self.parser.CurrentByteIndex)

    def _tag_end(self, start: int) -> int:
        """Where the tag that starts at `start` ends."""
        match = _TAG_END.match(self.source, start)
        return match.end() if match else start

    def text(self, text: str) -> None:
        if self._text is not None and self._depth == 3:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._depth -= 1
        cell = self._cell
        if cell is None:
            return
        at = self.parser.CurrentByteIndex
        if self._depth == 2:
            content = "".join(self._text or ())
            match local(name):
                case "f":
                    cell.formula = content
                case "v":
                    cell.value = content
                case "is":
                    cell.inline = self.source[self._inline : at].decode() if at >= self._inline else ""
            self._text = None
        elif self._depth == 1:
            # At the end of a tag that is its element's whole, expat's index is past it already.
            end = self._tag_end(self._start)
            if self.source[end - 2 : end] != b"/>":
                end = self._tag_end(at)
            self.cells.append((self._start, end, self._reference, cell))
            self._cell = None


def attributes_source(attributes: dict[str, str]) -> str:
    """Attributes as they are written in a tag."""
    return "".join(f' {name}="{escape_attribute(value)}"' for name, value in attributes.items())
