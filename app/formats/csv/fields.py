"""Fields of a CSV file as text and as values, and back, so that no text is lost on the way.

A field is a number where it is written as one: ``12``, ``-0.5``, ``1.50`` and ``.5`` (which keep their own
text), ``1.2e5``, ``1e-05``. Everything that a number would not give back stays text: ``007``, ``+1``,
``1,234``, dates, more than 15 digits (they are ids), and ``2E8``, which is as often a code as a number.
``TRUE`` and ``FALSE`` are booleans.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import isfinite

from app.formats.numerals import numbers
from app.sheet.cell import LexicalNumber, Value, plain_text

_MAX_MEMORY = 20_000

_INTEGER = r"(?:0|-?[1-9][0-9]{0,14})"
_DECIMAL = r"-?(?:0|[1-9][0-9]*+)?\.[0-9]++"
_SCIENTIFIC = rf"(?:{_DECIMAL}[eE][-+]?|-?(?:0|[1-9][0-9]*+)[eE][-+])[0-9]{{1,3}}"
_NUMBER = re.compile(rf"{_INTEGER}|-0|{_DECIMAL}|{_SCIENTIFIC}")

_QUOTED = re.compile(r'"((?>(?:[^"]|"")*))"?+')

_NO_TEXT = re.compile(r"\n(?:-?+[0-9]*+(?:\.[0-9]++)?(?:[eE][-+]?+[0-9]++)?|TRUE|FALSE)(?=\n)")
"""Finds every field that may be a number or boolean, and some that are not."""


def is_number_text(text: str) -> bool:
    """Whether a field of this text is a number."""
    return _NUMBER.fullmatch(text) is not None


def field_value(text: str) -> Value:
    """The value of a field's text, such that `plain_text` of it is the text again; empty is None."""
    if not text:
        return None
    if _NUMBER.fullmatch(text) is None:
        return True if text == "TRUE" else False if text == "FALSE" else text
    if text[-1].isdigit() and text.removeprefix("-").isdigit() and text != "-0":
        return int(text)
    number = float(text)
    if not isfinite(number):
        return text
    return number if plain_text(number) == text else LexicalNumber(text)


def spans(record: str, delimiter: str) -> list[str]:
    """The source of each field of a record, quotation marks included; joined they are the record."""
    pattern = _span(delimiter)
    found, start = [], 0
    while start <= len(record) and (match := pattern.match(record, start)):
        found.append(match[0])
        start = match.end() + 1
    return found


def unquote(span: str) -> str:
    """The text of a field, given its source."""
    if not span.startswith('"'):
        return span
    match = _QUOTED.match(span)
    return match[1].replace('""', '"') + span[match.end() :] if match else span


def is_field(span: str, delimiter: str) -> bool:
    """Whether the text is the source of one field wherever it stands: its quotation marks are closed."""
    match = _span(delimiter).fullmatch(span)
    return match is not None and not (span.startswith('"') and match["closing"] is None)


class Columns:
    """Turns fields into values a column at a time: what a column held before is likely to come again."""

    def __init__(self) -> None:
        self._memories: dict[int, _Memory] = {}
        self._rows = _Memory()

    def row(self, fields: Sequence[str]) -> Sequence[Value]:
        """The values of the fields of one row: in few rows of many columns no column is worth a look."""
        return self._rows.values(fields)

    def values(self, column: int, fields: Sequence[str]) -> Sequence[Value]:
        """The values of consecutive fields of a zero-based column."""
        if "" in fields:
            present = [field for field in fields if field]
            if not present:
                return [None] * len(fields)
            values = iter(self.values(column, present))
            return [next(values) if field else None for field in fields]
        lines = "\n".join(fields) + "\n"
        if (found := numbers(fields, lines)) is not None:
            return found
        if not _NO_TEXT.search("\n" + lines):
            return fields
        return self._memory(column).values(fields)

    def _memory(self, column: int) -> "_Memory":
        return self._memories.setdefault(column, _Memory())


class _Memory(dict[str, Value]):
    def __missing__(self, text: str) -> Value:
        value = self[text] = field_value(text)
        return value

    def values(self, fields: Sequence[str]) -> list[Value]:  # type: ignore[override]
        if len(self) > _MAX_MEMORY:
            self.clear()
        return list(map(self.__getitem__, fields))


@lru_cache(maxsize=16)
def _span(delimiter: str) -> re.Pattern[str]:
    bare = rf"[^{re.escape(delimiter)}\r\n]*"
    return re.compile(rf'"(?>(?:[^"]|"")*)(?P<closing>"{bare})?|(?!"){bare}')
