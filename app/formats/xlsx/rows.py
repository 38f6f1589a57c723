"""Rows of a worksheet out of its source, fast: regular expressions over blocks of whole rows.

Each row is put together again from what was understood of it. Where that is not its source letter for
letter, expat reads the row instead and its source is kept beside the cells; so whatever a file holds, an
untouched row is given back as it was.
"""

import re
from collections.abc import Iterable, Iterator
from operator import lt

from app.formats import guard
from app.formats.xlsx.cells import CellSource, CellWriter, Masters, read_cell
from app.formats.xlsx.frame import Dialect
from app.formats.xlsx.markup import attributes_of, unescape
from app.formats.xlsx.numbers import parse_number
from app.formats.xlsx.row_source import attributes_source, parse_row, row_from
from app.formats.xlsx.strings import Strings
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, column_index
from app.sheet.cell import EMPTY, Cell, Value
from app.sheet.row import Row

_CACHED = 50_000
_SPANS = re.compile(r'\sspans="([0-9]+):([0-9]+)"')

_NUMBER, _SHARED, _BLANK, _OTHER = range(4)


class RowReader:
    """Reads the rows of one sheet, whose file writes them in `dialect`, with `gap` after each."""

    def __init__(self, dialect: Dialect, gap: str, strings: Strings, masters: Masters | None = None) -> None:
        self._writer = CellWriter(dialect, strings)
        self._gap = gap
        self._masters = masters or Masters()
        p = re.escape(dialect.prefix)
        self._cells = re.compile(
            rf'(?s)<{p}c r="([A-Z]{{1,3}})[0-9]+"([^/<>]*+)(?:/>|>(?:<{p}f([^/<>]*+)(?:/>|>([^<]*+)</{p}f>))?'
            rf"(?:<{p}v>([^<]*+)</{p}v>|<{p}v ?/>)?(?:<{p}is>(.*?)</{p}is>)?</{p}c>)"
        )
        self._start = f'<{dialect.prefix}c r="'
        self._open_value = f"><{dialect.prefix}v>"
        self._close_value = f"</{dialect.prefix}v></{dialect.prefix}c>"
        self._row = f"<{dialect.prefix}row"
        self._end = f"</{dialect.prefix}row>{gap}"
        self._closed = dialect.space + "/"
        self._blank = dialect.close.lstrip()
        self._shapes = _Shapes(self._writer)
        self._numbers = _Numbers()
        self._shared = _SharedTexts(strings)
        self._columns = _Columns()
        self._spans = _Spans()

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
            _, *bodies = text.split(self._row)
            for body in bodies:
                found = self._fast(body) or self._slow(self._row + body, index + 1)
                index = found[0]
                yield found

    def _slow(self, source: str, index: int) -> tuple[int, Row]:
        parsed = parse_row(source.encode(), index, self._writer, self._masters)
        index = index if parsed.number is None else parsed.number
        return index, row_from(parsed, index)

    def _fast(self, body: str) -> tuple[int, Row] | None:
        """The row whose source, after ``<row``, is `body`; None where that is not how we would write it."""
        tag, _, content = body.partition(">")
        parts = tag.split('"', 2)
        if len(parts) != 3 or parts[0] != " r=" or not parts[1].isdecimal():
            return None
        number, attributes = parts[1], parts[2]
        index = int(number) - 1
        if not 0 <= index < MAX_ROWS:
            raise guard.broken(f"row {number} lies outside a sheet")
        if attributes.endswith("/"):
            kept = attributes.removesuffix(self._closed)
            if not kept or kept == attributes or content != self._gap:
                return None
            return index, Row(attributes=kept)
        found = self._cells.findall(content)
        if not found:
            return None
        shapes, numbers, shared = self._shapes, self._numbers, self._shared
        columns = self._columns[tuple([cell[0] for cell in found])]
        first, last = self._spans[attributes]
        if not columns or columns[0] < first or columns[-1] > last:
            return None
        values: list[Value] = []
        styles: list[int] = []
        formulas: dict[int, str] = {}
        computed: dict[int, Value] = {}
        extras: dict[int, str] = {}
        expected: list[str] = []
        start, open_value, close_value = self._start, self._open_value, self._close_value
        value: Value
        for letters, said, formula_said, formula, text, inline in found:
            style, shape, blank = shapes[said]
            if formula or formula_said or inline:
                shape, blank = _OTHER, False
            if shape == _SHARED and text:
                value = shared[text]
                expected.append(f'{start}{letters}{number}"{said}{open_value}{text}{close_value}')
            elif shape == _NUMBER and text:
                value = numbers[text]
                expected.append(f'{start}{letters}{number}"{said}{open_value}{text}{close_value}')
            elif blank and style and not text:
                value = None
                expected.append(f'{start}{letters}{number}"{said}{self._blank}')
            else:
                column = columns[len(values)]
                cell = self._other(said, formula_said, formula, text, inline, index, column)
                expected.append(self._writer.cell(index, column, cell))
                if cell == EMPTY:
                    return None
                value, style = cell.value, cell.style
                if cell.formula is not None:
                    formulas[column] = cell.formula
                    if cell.computed is not None:
                        computed[column] = cell.computed
                if cell.extra is not None:
                    extras[column] = cell.extra
            values.append(value)
            styles.append(style)
        expected.append(self._end)
        if shared.odd or numbers.odd or "".join(expected) != content:
            shared.odd = numbers.odd = False
            return None
        return index, Row(
            columns,
            tuple(values),
            tuple(styles) if any(styles) else (),
            formulas,
            computed,
            extras,
            attributes,
        )

    def _other(
        self, said: str, formula_said: str, formula: str, text: str, inline: str, row: int, column: int
    ) -> Cell:
        """A cell that is more than a number, a shared text or a blank."""
        attributes = attributes_of(said)
        style, kind = attributes.pop("s", None), attributes.pop("t", None)
        attributes.pop("r", None)
        source = CellSource(style, kind, attributes_source(attributes))
        if formula or formula_said:
            source.formula_attributes, source.formula = formula_said.rstrip(), unescape(formula)
        if inline:
            source.inline = inline
        elif text or kind == "str":
            source.value = unescape(text)
        writer = self._writer
        return read_cell(source, row, column, writer.dialect, writer.strings, self._masters)


class _Shapes(dict[str, tuple[int, int, bool]]):
    """(style, shape, whether a blank cell would say the same) by the source of a cell's attributes."""

    def __init__(self, writer: CellWriter) -> None:
        super().__init__()
        self._writer = writer

    def __missing__(self, said: str) -> tuple[int, int, bool]:
        if len(self) >= _CACHED:
            self.clear()
        text = attributes_of(said).get("s", "0")
        style = int(text) if text.isascii() and text.isdigit() else 0
        spell, dialect = self._writer.attributes, self._writer.dialect
        shape = _OTHER
        if said == spell(style, "s"):
            shape = _SHARED
        elif said == spell(style, "n" if dialect.number_type else ""):
            shape = _NUMBER
        blank = said == spell(style, "") + dialect.space
        self[said] = found = style, shape, blank
        return found


class _Numbers(dict[str, Value]):
    """Values by the text of a number. odd: a text that is none was asked for."""

    odd = False

    def __missing__(self, text: str) -> Value:
        if len(self) >= _CACHED:
            self.clear()
        value = parse_number(text)
        if value is None:
            self.odd = True
        else:
            self[text] = value
        return value


class _SharedTexts(dict[str, Value]):
    """Values by the text of their index. odd: an index was asked for that would not be written so."""

    odd = False

    def __init__(self, strings: Strings) -> None:
        super().__init__()
        self._strings = strings

    def __missing__(self, text: str) -> Value:
        if len(self) >= _CACHED:
            self.clear()
        index = parse_number(text)
        if not isinstance(index, int) or not 0 <= index < len(self._strings.values):
            self.odd = True
            return None
        value = self._strings.values[index]
        if self._strings.index(value) != index:
            self.odd = True
        else:
            self[text] = value
        return value


class _Columns(dict[tuple[str, ...], tuple[int, ...]]):
    """Columns by their letters; none where they do not ascend within a sheet."""

    def __missing__(self, letters: tuple[str, ...]) -> tuple[int, ...]:
        if len(self) >= 1000:
            self.clear()
        columns = tuple(map(column_index, letters))
        fits = columns[-1] < MAX_COLUMNS and all(map(lt, columns, columns[1:]))
        self[letters] = columns if fits else ()
        return self[letters]


class _Spans(dict[str, tuple[int, int]]):
    """First and last column a row's attributes promise."""

    def __missing__(self, attributes: str) -> tuple[int, int]:
        if len(self) >= _CACHED:
            self.clear()
        match = _SPANS.search(attributes)
        self[attributes] = found = (int(match[1]) - 1, int(match[2]) - 1) if match else (0, MAX_COLUMNS)
        return found
