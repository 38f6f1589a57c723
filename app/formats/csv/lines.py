"""The rows of a sheet as the text of a CSV file."""

from collections.abc import Iterator
from itertools import repeat

from app.formats.csv.dialect import Dialect, decode_frame
from app.formats.csv.fields import is_field, unquote
from app.formats.csv.renderer import Renderer
from app.formats.csv.rows import Shape, parse_shape
from app.sheet.cell import Value, plain_text
from app.sheet.document import SheetSource
from app.sheet.references import absolute
from app.sheet.row import Row

_ROWS_AT_ONCE = 2_000


def lines(sheet: SheetSource, dialect: Dialect) -> Iterator[str]:
    """The sheet's text in the dialect, some thousand lines at a time.

    A sheet that came as CSV has each field that was not edited as its file had it. A formula is its computed
    value, or where nothing has computed it yet, itself.
    """
    writer = _Writer(dialect, keeps_source=decode_frame(sheet.frame) is not None)
    ready: list[str] = []
    pending: Row | None = None
    after = 0
    for index, row in sheet.rows():
        if pending is not None:
            ready.append(writer.line(after - 1, pending, is_last=False))
        for gap in _shares(index - after):
            ready.extend(repeat(writer.gap, gap))
            if len(ready) >= _ROWS_AT_ONCE:
                yield "".join(ready)
                ready.clear()
        pending, after = row, index + 1
    if pending is not None:
        ready.append(writer.line(after - 1, pending, is_last=True))
    yield "".join(ready)


def _shares(number: int) -> Iterator[int]:
    while number > 0:
        yield min(number, _ROWS_AT_ONCE)
        number -= _ROWS_AT_ONCE
    yield 0


class _Writer:
    def __init__(self, dialect: Dialect, *, keeps_source: bool) -> None:
        self._dialect = dialect
        self._renderer = Renderer(dialect)
        self._keeps_source = keeps_source
        self._whole = tuple(range(dialect.width))
        self.gap = self._renderer.record([None] * dialect.width) + dialect.line_end

    def line(self, index: int, row: Row, *, is_last: bool) -> str:
        """The record of the row at a zero-based index, with its line end."""
        if not row.formulas and not row.extras and not row.attributes and row.columns == self._whole:
            return self._renderer.record(row.values) + self._dialect.line_end
        shape = parse_shape(row.attributes) if self._keeps_source else Shape()
        width = self._dialect.width if shape.fields is None else shape.fields
        values: list[Value] = [None] * max(width, row.columns[-1] + 1 if row.columns else 0)
        for column, value in zip(row.columns, row.values, strict=True):
            values[column] = value
        for column, formula in row.formulas.items():
            computed = row.computed.get(column)
            values[column] = "=" + absolute(formula, index, column) if computed is None else computed
        line_end = self._dialect.line_end if shape.line_end is None else shape.line_end
        if not line_end and not is_last:
            line_end = self._dialect.line_end  # it was the file's end, and rows came after it
        if not self._keeps_source or not row.extras:
            return self._renderer.record(values) + line_end
        fields = [
            self._field(value, row.extras.get(column), is_last=is_last and column == len(values) - 1)
            for column, value in enumerate(values)
        ]
        return self._dialect.delimiter.join(fields) + line_end

    def _field(self, value: Value, source: str | None, *, is_last: bool) -> str:
        """The field as its file had it, unless its value is another by now."""
        if (
            source is not None
            and unquote(source) == plain_text(value)
            and (is_last or is_field(source, self._dialect.delimiter))
        ):
            return source
        return self._renderer.field(value)
