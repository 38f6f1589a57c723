"""Runs of rows of one shape: matched whole by a pattern of their own, their texts read a column at a time.

Below one row of a table there mostly stands another whose cells have the same columns, styles and types. What
such rows have in common is learnt from rows that `rows` took apart cell by cell, and becomes a regular
expression, in which only row numbers and texts are open. What it matches is written as we would write it,
so nothing needs to be rendered to be sure of that. Whatever it does not match is read cell by cell again.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from app.formats import guard
from app.formats.xlsx.cells import CellWriter, Masters, decode_extra
from app.formats.xlsx.markup import unescape
from app.formats.xlsx.texts import Kinds, Spans, Table
from app.sheet.address import MAX_ROWS, column_index
from app.sheet.cell import Value
from app.sheet.row import Row

_ENOUGH = 24
"""Rows of a shape after which it gets a pattern: making one takes as long as reading some tens of rows."""
_PATTERNS = 64
_TRIED = 4
"""Patterns that are tried at a row: the last that matched."""
_COUNTED = 4_000
_CELLS, _SOURCE = 256, 2**15
"""The most cells, and letters of source, of a row that a pattern is made of."""
_LONGEST = 512
"""Rows of a run: in one where a text is odd, each row is read again."""
_NONE = repeat(None)
_NO_ROW = (-1, Row())
_MARK = "\x01"
"""Begins a reference in the extra of a cell: such a one is another in every row."""

CellParts = tuple[str, str, str, str, str]
"""A cell's column letters, its other attributes, its text, its inline text, its other content, as source."""


class _Part(NamedTuple):
    """A cell of a shape, and which of a match's texts it takes.

    column: zero-based. table: what gives its value, or its formula's, by the text. group: of shared formulas.
    """

    column: int
    table: Table | None = None
    text: int = 0
    formula: int | None = None
    group: str | None = None
    extra: str | None = None


class _Pattern:
    """The pattern of rows of one shape, and how often rows it matched turned out odd."""

    def __init__(self, source: str, row: Row, parts: list[_Part]) -> None:
        self.match = re.compile(source).match
        self.columns, self.styles = tuple(row.columns), tuple(row.styles)
        self.parts = parts
        self.extras = {part.column: part.extra for part in parts if part.extra is not None}
        self.runs = self.odd = 0


class Runs:
    """Reads runs of rows of a sheet whose patterns it has learnt.

    row: how a row's element begins. end: how it ends, with what follows it as a rule.
    """

    def __init__(
        self, writer: CellWriter, masters: Masters, kinds: Kinds, spans: Spans, row: str, end: str
    ) -> None:
        self._writer, self._masters = writer, masters
        self._kinds, self._spans = kinds, spans
        self._row, self._end = row, end
        p = re.escape(writer.dialect.prefix)
        self._formula = re.compile(
            rf"(?:<{p}f>(?P<own>[^<]++)</{p}f>|(?P<shared><{p}f[^/<>]*+/>))<{p}v>[^<]++</{p}v>"
        )
        self._seen: Counter[Hashable] = Counter()
        self._made = 0
        self._patterns: list[_Pattern] = []

    def read(self, text: str, start: int) -> tuple[Sequence[tuple[int, Row]], int]:
        """(rows, where they end) of a run that begins at `start`; its rows may be of several shapes.

        No rows where no pattern fits, or where one is odd: then those before the end have to be read one by
        one.
        """
        at, count = start, 0
        taken: dict[_Pattern, tuple[list[int], list[tuple[str, ...]]]] = {}
        place = 0
        while place < len(self._patterns) and count < _LONGEST:
            pattern = self._patterns[place]
            match, first = pattern.match, count
            while (row := match(text, at)) and count < _LONGEST:
                if count == first:
                    orders, groups = taken.setdefault(pattern, ([], []))
                orders.append(count)
                groups.append(row.groups())
                at = row.end()
                count += 1
            if count == first:
                place += 1
            elif place:
                self._patterns.insert(0, self._patterns.pop(place))
                place = 0
        rows: list[tuple[int, Row]] = [_NO_ROW] * count
        for pattern, (orders, groups) in taken.items():
            for order, found in zip(orders, self._taken(pattern, groups), strict=False):
                rows[order] = found
        return (() if _NO_ROW in rows else rows), at

    def learn(self, key: Hashable, cells: Sequence[CellParts], row: Row) -> None:
        """Take note of a row that was read cell by cell; `key` is the same for rows of its shape."""
        if self._made >= _PATTERNS or len(cells) > _CELLS:
            return
        if len(self._seen) >= _COUNTED:
            self._seen.clear()
        self._seen[key] += 1
        if self._seen[key] == _ENOUGH:
            self._made += 1
            pattern = self._pattern(cells, row)
            if pattern is not None:
                self._patterns.insert(0, pattern)
                del self._patterns[_TRIED:]

    def _pattern(self, cells: Sequence[CellParts], row: Row) -> _Pattern | None:
        """The pattern of rows like this one; None where cells of other kinds are in it."""
        dialect, escape = self._writer.dialect, re.escape
        sources = [rf'{escape(self._row)} r="([1-9][0-9]{{0,6}}+)"([^<>]*+)>']
        parts: list[_Part] = []
        taken = 0
        for letters, said, text, inline, other in cells:
            kind, column = self._kinds[said], column_index(letters)
            sources.append(rf'{escape(f"<{dialect.prefix}c r=")}"{letters}\1"{escape(said)}')
            if text or inline:
                if kind.table is None:
                    return None
                sources.append(f"{escape(kind.before)}([^<]++){escape(kind.after)}")
                parts.append(_Part(column, kind.table, taken))
                taken += 1
            elif other:
                found = self._formula_part(column, kind.result, other, row.extras.get(column), taken)
                if found is None:
                    return None
                source, part = found
                sources.append(source)
                parts.append(part)
                taken += 1 if part.group is not None else 2
            elif kind.blank and kind.style:
                sources.append(escape(dialect.close.lstrip()))
                parts.append(_Part(column))
            else:
                return None
        source = "".join(sources) + escape(self._end) + rf"(?={escape(self._row)}|\Z)"
        if len(source) > _SOURCE:
            return None
        return _Pattern(source, row, parts)

    def _formula_part(
        self, column: int, table: Table | None, content: str, extra: str | None, taken: int
    ) -> tuple[str, _Part] | None:
        """(pattern, part) of a formula's cell; None where it is neither plain nor shared with its master."""
        match = self._formula.fullmatch(content)
        if match is None or table is None:
            return None
        p = self._writer.dialect.prefix
        value = re.escape(f"<{p}v>") + "([^<]++)" + re.escape(f"</{p}v></{p}c>")
        if match["own"] and extra is None:
            source = re.escape(f"><{p}f>") + "([^<]++)" + re.escape(f"</{p}f>") + value
            return source, _Part(column, table, taken + 1, taken)
        shared = decode_extra(extra)
        if match["own"] or not shared.child or _MARK in shared.f:
            return None
        source = re.escape(f">{match['shared']}") + value
        return source, _Part(column, table, taken, group=shared.group, extra=extra)

    def _taken(self, pattern: _Pattern, found: Sequence[tuple[str, ...]]) -> Sequence[tuple[int, Row]]:
        """The rows that a pattern matched; none where one is odd. A pattern of odd rows is tried no more."""
        rows = self._rows(pattern, found)
        if any(self._kinds.doubts.clear()):
            rows = None
        pattern.runs += 1
        pattern.odd += rows is None
        if 2 * pattern.odd > pattern.runs + _TRIED:
            self._patterns.remove(pattern)
        return rows or ()

    def _rows(self, pattern: _Pattern, found: Sequence[tuple[str, ...]]) -> list[tuple[int, Row]] | None:
        """The rows that a pattern matched; None where one of them, or of its texts, is odd."""
        numbers, attributes, *texts = zip(*found, strict=True)
        indexes = [int(number) - 1 for number in numbers]
        if (last := max(indexes)) >= MAX_ROWS:
            raise guard.broken(f"row {last + 1} lies outside a sheet")
        for said in set(attributes):
            first, last = self._spans[said]
            if pattern.columns[0] < first or pattern.columns[-1] > last:
                return None
        values: list[Iterable[Value]] = []
        formulas: dict[int, Iterable[str]] = {}
        computed: dict[int, Iterable[Value]] = {}
        for part in pattern.parts:
            shown: Iterable[Value] = _NONE if part.table is None else part.table.many(texts[part.text])
            if part.group is None and part.formula is None:
                values.append(shown)
                continue
            values.append(_NONE)
            computed[part.column] = shown
            made = self._formulas(part, indexes, texts)
            if made is None:
                return None
            formulas[part.column] = made
        rows = map(
            Row,
            repeat(pattern.columns),
            zip(*values, strict=False),
            repeat(pattern.styles),
            _by_row(formulas),
            _by_row(computed),
            repeat(pattern.extras),
            attributes,
        )
        return list(zip(indexes, rows, strict=False))

    def _formulas(
        self, part: _Part, indexes: Sequence[int], texts: Sequence[Sequence[str]]
    ) -> Iterable[str] | None:
        """The formulas of a column, in relative form; None where one would be written in another way."""
        if part.group is not None:
            master = self._masters.of(part.group)
            return None if master is None else repeat(master)
        formulas = []
        for index, source in zip(indexes, texts[part.formula or 0], strict=True):
            text = unescape(source)
            if self._writer.text(text) != source:
                return None
            formulas.append(self._masters.filled.relative(text, index, part.column))
        return formulas


def _by_row(columns: Mapping[int, Iterable[Any]]) -> Iterator[dict[int, Any]]:
    """What each row has by column, of columns from the top."""
    if not columns:
        return repeat({})
    places = tuple(columns)
    return (dict(zip(places, row, strict=True)) for row in zip(*columns.values(), strict=False))
