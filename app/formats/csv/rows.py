"""The rows of a CSV file, with all that rendering them in the file's dialect would not give back."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat, zip_longest
from typing import BinaryIO, NamedTuple

from app.formats.csv.dialect import Dialect
from app.formats.csv.encoding import pieces
from app.formats.csv.fields import Columns, spans
from app.formats.csv.records import Batch, batches
from app.formats.csv.renderer import Renderer
from app.formats.guard import Limits, UnreadableFile, too_large
from app.sheet.address import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, cell_name
from app.sheet.cell import Value
from app.sheet.row import Row

_FEW_ROWS = 16
"""Rows of a batch, which is as long whatever its rows are, that are too few to be turned into columns."""
_END_CODES = {"": ".", "\r": "r", "\n": "n", "\r\n": "rn"}
_ENDS = {code: end for end, code in _END_CODES.items()}
_SHAPE = re.compile(r"(\d+)?(\.|rn|r|n)?")


class Shape(NamedTuple):
    """How a record differs from others of its dialect; a row's attributes hold it as text.

    fields: how many there are, where not the dialect's width. line_end: where not the dialect's; "" for
    none, at the end of the file. As text: the number, then ``rn``, ``r``, ``n`` or ``.`` for none.
    """

    fields: int | None = None
    line_end: str | None = None

    def __str__(self) -> str:
        number = "" if self.fields is None else str(self.fields)
        return number + ("" if self.line_end is None else _END_CODES[self.line_end])


def parse_shape(attributes: str) -> Shape:
    """The shape a row's attributes tell; attributes of another format tell nothing."""
    match = _SHAPE.fullmatch(attributes)
    if match is None:
        return Shape()
    return Shape(int(match[1]) if match[1] else None, _ENDS[match[2]] if match[2] else None)


def rows(file: BinaryIO, dialect: Dialect, limits: Limits) -> Iterator[tuple[int, Row]]:
    """(zero-based row, Row) of every record that holds anything, read from the file as they are taken.

    Raises UnreadableFile where a limit is passed: rows, columns, cells, a field's length.
    """
    columns = Columns()
    renderer = Renderer(dialect)
    start = cells = 0
    for batch in batches(pieces(file, dialect.encoding, dialect.mark), dialect):
        if start + len(batch.sources) > MAX_ROWS:
            raise too_large("rows", MAX_ROWS)
        _check_fields(batch, start)
        made = _batch_rows(batch, dialect, columns, renderer)
        cells += sum([len(row.columns) for row in made])
        if cells > limits.cells:
            raise too_large("cells", limits.cells)
        for index, row in enumerate(made, start):
            if row.columns or row.attributes:
                yield index, row
        start += len(made)


def _check_fields(batch: Batch, start: int) -> None:
    """Refuse rows too wide and fields too long, naming the place."""
    width = max(map(len, batch.records)) if batch.columns is None else len(batch.columns)
    if width > MAX_COLUMNS:
        raise too_large("columns", MAX_COLUMNS)
    if 2 * max(map(len, batch.sources)) <= MAX_TEXT:
        return
    for at in range(len(batch.sources)):
        for column, field in enumerate(batch.record(at)):
            length = len(field) if field.isascii() else len(field.encode("utf-16-le")) // 2
            if length > MAX_TEXT:
                raise UnreadableFile(
                    "too-large",
                    f"The text in row {start + at + 1:,}, column {column + 1:,} "
                    f"({cell_name(start + at, column)}) has {length:,} characters: the limit is "
                    f"{MAX_TEXT:,}. Shorten it, or check whether a quotation mark that begins a field is "
                    "never closed.",
                )


def _batch_rows(batch: Batch, dialect: Dialect, columns: Columns, renderer: Renderer) -> list[Row]:
    if len(batch.sources) < _FEW_ROWS:
        return _single_rows(batch, dialect, columns, renderer)
    fields = batch.columns
    if fields is None:
        fields = list(zip_longest(*batch.records, fillvalue=""))
    values: Iterable[tuple[Value, ...]] = repeat((), len(batch.sources))
    if fields:
        values = zip(*(columns.values(at, column) for at, column in enumerate(fields)), strict=True)
    whole = tuple(range(len(fields)))
    odd = _odd_records(batch, dialect)
    sparse = [at for at, column in enumerate(fields) if "" in column]
    if not odd and not sparse:
        return list(map(Row, repeat(whole), values))
    made: list[Row] = []
    held_without: dict[tuple[int, ...], tuple[int, ...]] = {(): whole}
    for at, row_values in enumerate(values):
        if at in odd:
            made.append(_odd_row(batch, at, row_values, dialect, renderer))
            continue
        missing = tuple([column for column in sparse if row_values[column] is None])
        if not missing:
            made.append(Row(whole, row_values))
            continue
        held = held_without.get(missing)
        if held is None:
            held = tuple([column for column in whole if row_values[column] is not None])
            held_without[missing] = held
        made.append(Row(held, tuple([row_values[column] for column in held])))
    return made


def _single_rows(batch: Batch, dialect: Dialect, columns: Columns, renderer: Renderer) -> list[Row]:
    """What `_batch_rows` gives, made row by row."""
    odd = _odd_records(batch, dialect)
    made = []
    for at in range(len(batch.sources)):
        values = columns.row(batch.record(at))
        if at in odd:
            made.append(_odd_row(batch, at, values, dialect, renderer))
            continue
        held = [column for column, value in enumerate(values) if value is not None]
        made.append(Row(tuple(held), tuple([values[column] for column in held])))
    return made


def _odd_records(batch: Batch, dialect: Dialect) -> set[int]:
    """Which records may differ from their canonical rendering: the others need no closer look."""
    odd = set(batch.ends)
    if batch.last:
        odd.add(len(batch.sources) - 1)
    if batch.columns is not None:
        return odd
    odd.update(at for at, record in enumerate(batch.records) if len(record) != dialect.width)
    if dialect.quoting == "minimal" and not dialect.quoted_empty:
        odd.update(at for at, source in enumerate(batch.sources) if '"' in source)
    elif dialect.quoting == "all":
        between = f'"{dialect.delimiter}"'
        odd.update(
            at
            for at, (record, source) in enumerate(zip(batch.records, batch.sources, strict=True))
            if f'"{between.join(record)}"' != source or ("" in record and not dialect.quoted_empty)
        )
    else:
        odd.update(range(len(batch.sources)))
    return odd


def _odd_row(batch: Batch, at: int, values: Sequence[Value], dialect: Dialect, renderer: Renderer) -> Row:
    """The row with all that rendering its values would not give back."""
    source, record = batch.sources[at], batch.record(at)
    values = values[: len(record)]
    extras: dict[int, str] = {}
    held = [column for column, value in enumerate(values) if value is not None]
    canonical = renderer.fields(record, values)
    if dialect.delimiter.join(canonical) != source:
        own = spans(source, dialect.delimiter)
        extras = {
            column: span
            for column, (span, usual) in enumerate(zip(own, canonical, strict=True))
            if span != usual
        }
        held = sorted({*held, *extras})
    width = max(dialect.width, held[-1] + 1 if held else 0)
    fields = len(values)
    if not fields and width == 1 and renderer.field(None) == "":
        fields = 1  # a blank line is the one empty field
    is_last = batch.last and at == len(batch.sources) - 1
    shape = Shape(
        fields=fields if fields != width or (is_last and not held) else None,
        line_end=batch.ends.get(at),
    )
    return Row(
        columns=tuple(held),
        values=tuple([values[column] for column in held]),
        extras=extras,
        attributes=str(shape),
    )
