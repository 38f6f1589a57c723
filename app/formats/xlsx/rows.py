"""Rows of a worksheet out of its source, fast: regular expressions over blocks of whole rows.

Each row is put together again from what was understood of it. Where that is not its source letter for
letter, expat reads the row instead and its source is kept beside the cells; so whatever a file holds, an
untouched row is given back as it was.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from operator import lt
from typing import NamedTuple

from app.formats import guard
from app.formats.xlsx.cells import CellSource, CellWriter, Masters, read_cell
from app.formats.xlsx.frame import Dialect
from app.formats.xlsx.markup import are_plain, unescape
from app.formats.xlsx.row_source import parse_row, row_from, unplaced
from app.formats.xlsx.runs import Runs
from app.formats.xlsx.strings import Strings
from app.formats.xlsx.texts import Kinds, Spans
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, column_index, column_name
from app.sheet.cell import EMPTY, Cell, Value
from app.sheet.row import Row, row_of

_SHAPES = 4_000
_SPECIAL = re.compile(
    r"(?s)(?:<(?:[\w.-]+:)?f([^/<>]*+)(?:/>|>([^<]*+)</(?:[\w.-]+:)?f>))?"
    r"(?:<(?:[\w.-]+:)?v>([^<]*+)</(?:[\w.-]+:)?v>|<(?:[\w.-]+:)?v ?/>)?"
    r"(?:<(?:[\w.-]+:)?is>(.*?)</(?:[\w.-]+:)?is>)?"
)
_TEXT = re.compile(">[^<]+<")
_NUMBER = re.compile("[1-9][0-9]{0,6}")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_BLANK: Mapping[str, Value] = {"": None}


class Shape(NamedTuple):
    """What rows have in common whose cells stand in the same columns and have the same attributes.

    columns, styles: as in `Row`. tables: for each cell, what gives its value by its text; None where a
    cell is of another kind. source: the rows' source with NUL for their number and ``%s`` for each text.
    blanks: there are cells that hold nothing, not even a style.
    """

    columns: tuple[int, ...]
    styles: tuple[int, ...]
    tables: tuple[Mapping[str, Value] | None, ...]
    source: str
    blanks: bool


class RowReader:
    """Reads the rows of one sheet, whose file writes them in `dialect`, with `gap` after each."""

    def __init__(self, dialect: Dialect, gap: str, strings: Strings, masters: Masters | None = None) -> None:
        self._writer = CellWriter(dialect, strings)
        self._gap = gap
        self._masters = masters or Masters()
        p = re.escape(dialect.prefix)
        self._cells = re.compile(
            rf'(?s)<{p}c r="([A-Z]{{1,3}}+)[0-9]+"([^/<>]*+)(?:><{p}v>([^<]*+)</{p}v></{p}c>|/>'
            rf"|><{p}is><{p}t>([^<]*+)</{p}t></{p}is></{p}c>|>((?>(?:[^<]++|<(?!/?{p}c[\s>/]))*))</{p}c>)"
        )
        self._row = f"<{dialect.prefix}row"
        self._end = f"</{dialect.prefix}row>{gap}"
        self._begins = [f"<{dialect.prefix}c{end}" for end in (" ", ">", "/>")]
        self._closed = dialect.space + "/"
        self._cell = dialect.prefix + "c"
        self._close = dialect.close.lstrip()
        self._kinds = Kinds(self._writer)
        self._doubts = self._kinds.doubts
        self._spans = Spans()
        self._runs = Runs(self._writer, self._masters, self._kinds, self._spans, self._row, self._end)
        self._shapes: dict[tuple[tuple[str, ...], ...] | tuple[object, ...], Shape | None] = {}

    def rows(self, blocks: Iterable[bytes]) -> Iterator[tuple[int, Row]]:
        """(zero-based row, Row) of every row in the blocks; each block holds whole rows.

        Raises UnreadableFile where a row is damaged or lies outside a sheet.
        """
        index = -1
        for block in blocks:
            try:
                text = block.decode()
            except UnicodeDecodeError as error:
                raise guard.broken("the letters of a worksheet cannot be decoded") from error
            if len(block.translate(None, _CONTROLS)) != len(block):
                raise guard.broken("a worksheet holds characters that XML cannot")
            at, closely = text.find(self._row), 0
            while at >= 0:
                if at >= closely:
                    found, end = self._runs.read(text, at)
                    if found:
                        yield from found
                        index = found[-1][0]
                        at = end if end < len(text) else -1
                        continue
                    closely = end
                end = text.find(self._row, at + 1)
                row = self._read(text[at + len(self._row) : end if end >= 0 else None], index + 1)
                index = row[0]
                yield row
                at = end

    def _read(self, body: str, index: int) -> tuple[int, Row]:
        """The row whose source, after ``<row``, is `body`; it stands at `index` if it does not say."""
        if len(body) > MAX_COLUMNS and sum(map(body.count, self._begins)) > MAX_COLUMNS:
            raise guard.too_large("cells in one row", MAX_COLUMNS)
        return self._fast(body) or self._slow(self._row + body, index)

    def _slow(self, source: str, index: int) -> tuple[int, Row]:
        self._doubts.clear()
        parsed = parse_row(source.encode(), index, self._writer, self._masters)
        index = index if parsed.number is None else parsed.number
        return index, row_from(parsed, index)

    def _fast(self, body: str) -> tuple[int, Row] | None:
        """The row whose source, after ``<row``, is `body`; None where that is not how we would write it."""
        tag, _, content = body.partition(">")
        parts = tag.split('"', 2)
        if len(parts) != 3 or parts[0] != " r=" or not _NUMBER.fullmatch(parts[1]):
            return None
        number, attributes = parts[1], parts[2]
        index = int(number) - 1
        if index >= MAX_ROWS:
            raise guard.broken(f"row {number} lies outside a sheet")
        if attributes.endswith("/"):
            kept = attributes.removesuffix(self._closed)
            if not kept or kept == attributes or content != self._gap or not are_plain(kept):
                return None
            return index, Row(attributes=kept)
        found = self._cells.findall(content)
        if not found:
            return None
        letters, saids, texts, inlines, others = zip(*found, strict=True)
        if any(inlines):
            texts = tuple([text or inline for text, inline in zip(texts, inlines, strict=True)])
        key = (letters, saids, tuple(map(bool, texts))) if "" in texts else (letters, saids)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shape(key, letters, saids, texts)
        columns = shape.columns
        first, last = self._spans[attributes]
        if not columns or columns[0] < first or columns[-1] > last:
            return None
        if None in shape.tables or any(others):
            mixed = self._mixed(body, index, attributes, content, shape, saids, texts, others)
            if mixed and mixed[1].raw is None:
                self._runs.learn((key, tuple([_TEXT.sub("><", other) for other in others])), found, mixed[1])
            return mixed
        source = shape.source.replace("\x00", number) % texts
        if source != content:
            return None
        values = tuple([table[text] for table, text in zip(shape.tables, texts, strict=True)])  # type: ignore[index]
        row = Row(columns, values, shape.styles, attributes=attributes)
        understood = self._understood(body, index, row, shape.blanks)
        if understood and understood[1].raw is None:
            self._runs.learn(key, found, row)
        return understood

    def _understood(self, body: str, index: int, row: Row, blanks: bool) -> tuple[int, Row] | None:
        """A row whose source was put together again; None where a text of it does not stand for its value.

        Where cells hold nothing at all, or an index is not the one its text is written with, the cells are
        known but the source has to be kept.
        """
        unknown, repeated = self._doubts.clear()
        if unknown:
            return None
        if repeated or blanks:
            source = unplaced(f"{self._row}{body}".encode(), index)
            row = row_of(dict(row.cells()), row.attributes, source)
        return index, row

    def _shape(
        self,
        key: tuple[object, ...],
        letters: tuple[str, ...],
        saids: tuple[str, ...],
        texts: tuple[str, ...],
    ) -> Shape:
        """The shape of rows that have cells at these letters with these attributes, some without text."""
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        styles, tables, sources, blanks = [], [], [], False
        for name, said, text in zip(letters, saids, texts, strict=True):
            kind = self._kinds[said]
            # A blank cell has no text, which the row's texts have an empty one for.
            before, after = (kind.before, kind.after) if text else (self._close, "")
            sources.append(f'<{self._cell} r="{name}\x00"{said}{before}'.replace("%", "%%") + "%s" + after)
            tables.append(kind.table if text else _BLANK if kind.blank else None)
            styles.append(kind.style)
            blanks = blanks or (not text and kind.blank and not kind.style)
        columns = tuple(map(column_index, letters))
        ascends = columns[-1] < MAX_COLUMNS and all(map(lt, columns, columns[1:]))
        shape = Shape(
            columns if ascends else (),
            tuple(styles) if any(styles) else (),
            tuple(tables),
            "".join(sources) + self._end.replace("%", "%%"),
            blanks,
        )
        self._shapes[key] = shape
        return shape

    def _mixed(
        self,
        body: str,
        index: int,
        attributes: str,
        content: str,
        shape: Shape,
        saids: tuple[str, ...],
        texts: tuple[str, ...],
        others: tuple[str, ...],
    ) -> tuple[int, Row] | None:
        """A row that has formulas or cells of other kinds than numbers, shared texts and blanks."""
        values: list[Value] = []
        styles: list[int] = []
        formulas: dict[int, str] = {}
        computed: dict[int, Value] = {}
        extras: dict[int, str] = {}
        expected: list[str] = []
        blanks = False
        write, number = self._writer.cell, index + 1
        for column, table, said, text, other in zip(
            shape.columns, shape.tables, saids, texts, others, strict=True
        ):
            if table is not None and not other:
                kind = self._kinds[said]
                values.append(table[text])
                styles.append(kind.style)
                blanks = blanks or (not text and not kind.style)
                content_of = f"{kind.before}{text}{kind.after}" if text else self._close
                expected.append(f'<{self._cell} r="{column_name(column)}{number}"{said}{content_of}')
                continue
            cell = self._special(said, text, other, index, column)
            if cell is None or cell == EMPTY:
                return None
            values.append(cell.value)
            styles.append(cell.style)
            expected.append(write(index, column, cell))
            if cell.formula is not None:
                formulas[column] = cell.formula
                if cell.computed is not None:
                    computed[column] = cell.computed
            if cell.extra is not None:
                extras[column] = cell.extra
        expected.append(self._end)
        if "".join(expected) != content:
            return None
        said_styles = tuple(styles) if any(styles) else ()
        row = Row(shape.columns, tuple(values), said_styles, formulas, computed, extras, attributes)
        return self._understood(body, index, row, blanks)

    def _special(self, said: str, text: str, other: str, row: int, column: int) -> Cell | None:
        """A cell that is no number, shared text or blank; None where its content is not known."""
        known = self._kinds[said]
        if not known.plain:
            return None
        source = CellSource(known.said_style, known.type, known.attributes)
        if other:
            match = _SPECIAL.fullmatch(other)
            if match is None:
                return None
            formula_said, formula, text, inline = match.groups("")
            if not are_plain(formula_said):
                return None
            if formula or formula_said:
                source.formula_attributes, source.formula = formula_said.rstrip(), unescape(formula)
            source.inline = inline or None
        if text or (known.type == "str" and not source.inline):
            source.value = unescape(text)
        writer = self._writer
        return read_cell(source, row, column, writer.dialect, writer.strings, self._masters)
