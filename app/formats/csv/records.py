"""The text of a CSV file as records: fields, source and line end of each.

Text comes in pieces and leaves in batches of whole records. Where a batch holds no quotation mark, or none
that spans lines, splitting does it; the rest is the csv module's, whose reading of stray quotation marks
(they are text but at a field's beginning) is what spreadsheet programs do.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from app.formats.csv.dialect import Dialect
from app.formats.guard import UnreadableFile, too_large
from app.sheet.address import MAX_COLUMNS

_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\n|\r)|[^\r\n]++")
_MAX_RECORD = 2**24
"""Characters of one record: no real one comes near."""

_SENTINEL = "end"
_NO_ENDS: Mapping[int, str] = {}


class Batch(NamedTuple):
    """Consecutive records.

    sources: each record as its file has it, without its line end. ends: by position, line ends other than
    the dialect's; "" at the file's end. delimiter: the dialect's. last: whether the file ends here.
    columns: the fields column by column, where all records have the dialect's width and are written
    canonically; else there are `records`: the fields of each, of a blank line none.
    """

    sources: Sequence[str]
    ends: Mapping[int, str]
    delimiter: str
    columns: Sequence[Sequence[str]] | None = None
    records: Sequence[Sequence[str]] = ()
    last: bool = False

    def record(self, at: int) -> Sequence[str]:
        """The fields of the record at a position."""
        if self.columns is None:
            return self.records[at]
        return [column[at] for column in self.columns]


def batches(pieces: Iterable[str], dialect: Dialect) -> Iterator[Batch]:
    """All records of a text, some thousand at a time; raises UnreadableFile where one is too long."""
    ready: Batch | None = None
    rest = ""
    enough = 0  # a record that spans pieces is looked at again when it has doubled: that stays linear
    for piece in pieces:
        rest += piece
        if len(rest) < enough:
            continue
        cut = _last_line_end(rest)
        batch, rest_of_text = _split(rest[:cut], dialect, is_end=False) if cut else (None, "")
        rest = rest_of_text + rest[cut:]
        if len(rest) > _MAX_RECORD:
            raise _too_long()
        enough = 2 * len(rest)
        if batch and batch.sources:
            if ready is not None:
                yield ready
            ready = batch
    if rest:
        batch, _ = _split(rest, dialect, is_end=True)
        if ready is not None:
            yield ready
        ready = batch
    if ready is not None:
        yield ready._replace(last=True)


def _last_line_end(text: str) -> int:
    """Where the last line that is surely complete ends: a final "\r" may be half of "\r\n"."""
    return max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1


def _split(text: str, dialect: Dialect, *, is_end: bool) -> tuple[Batch, str]:
    """The records of a text that ends with a line, or where its file does; and what is left at its end.

    Left is a record whose quoted field goes on in the text to come.
    """
    quoted = '"' in text
    is_even = _has_only(text, dialect.line_end)
    delimiter = dialect.delimiter
    if is_even and not quoted:
        sources = text.split(dialect.line_end)
        ends = _NO_ENDS if not sources[-1] else {len(sources) - 1: ""}
        if not sources[-1]:
            sources.pop()
        columns = _columns(text, sources, dialect)
        if columns is not None:
            return Batch(sources, ends, delimiter, columns), ""
        return Batch(sources, ends, delimiter, records=_fields(sources, delimiter)), ""
    lines: list[str] = _LINE.findall(text)
    left = ""
    if quoted:
        records, lines, is_open = _parse(lines, delimiter)
        if is_open and not is_end:
            if len(records.pop()) > MAX_COLUMNS:
                raise too_large("columns", MAX_COLUMNS)
            left = lines.pop()
        sources = [line.rstrip("\r\n") for line in lines]
        if is_open and is_end:
            sources[-1] = lines[-1]
    else:
        sources = [line.rstrip("\r\n") for line in lines]
        records = _fields(sources, delimiter)
    ends = _NO_ENDS
    if not is_even or is_end:
        found = [line[len(source) :] for line, source in zip(lines, sources, strict=True)]
        ends = {at: end for at, end in enumerate(found) if end != dialect.line_end}
    return Batch(sources, ends, delimiter, records=records), left


def _columns(text: str, sources: list[str], dialect: Dialect) -> list[list[str]] | None:
    """The fields of unquoted records column by column; None where a record is not as the dialect has it.

    One split of the whole text costs a third of splitting line by line and taking the rows apart.
    """
    width, delimiter = dialect.width, dialect.delimiter
    if dialect.quoting != "minimal" or dialect.quoted_empty:
        return None
    if {source.count(delimiter) for source in sources} != {width - 1}:
        return None
    fields = text.replace(dialect.line_end, delimiter).split(delimiter)
    return [fields[at : len(sources) * width : width] for at in range(width)]


def _has_only(text: str, line_end: str) -> bool:
    """Whether every line ends so."""
    feeds, returns = text.count("\n"), text.count("\r")
    if line_end == "\r\n":
        return feeds == returns == text.count("\r\n")
    return not (returns if line_end == "\n" else feeds)


def _fields(sources: list[str], delimiter: str) -> list[list[str]]:
    if "" in sources:
        return [source.split(delimiter) if source else [] for source in sources]
    return [source.split(delimiter) for source in sources]


def _parse(lines: list[str], delimiter: str) -> tuple[list[list[str]], list[str], bool]:
    """(records, the text of each with its line end, whether the last one's quoted field is still open)."""
    try:
        reader = csv.reader(chain(lines, [_SENTINEL]), delimiter=delimiter)
        records = list(reader)
        if len(records) == len(lines) + 1:
            records.pop()
            return records, lines, False
        # Some record spans lines, or the last one is open and has swallowed the sentinel.
        reader = csv.reader(chain(lines, [_SENTINEL]), delimiter=delimiter)
        starts = [0, *(reader.line_num for _ in reader)]
        texts = ["".join(lines[start:end]) for start, end in pairwise(starts)]
        if starts[-2] == len(lines):
            return records[:-1], texts[:-1], False
        last = next(csv.reader(lines[starts[-2] :], delimiter=delimiter))
        return [*records[:-1], last], texts, True
    except csv.Error as error:
        raise _too_long() from error


def _too_long() -> UnreadableFile:
    return UnreadableFile(
        "too-large",
        f"This file has a row of more than {_MAX_RECORD:,} characters, or a field of more than "
        f"{csv.field_size_limit():,}. Check whether a quotation mark that begins a field is never closed.",
    )
