"""What the texts in cells stand for: looked up by the text, made once for all cells that have it.

A table gives a value only where the value would be written with that very text again; where it would not,
it tells `Doubts`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.formats.numerals import integers, numbers
from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.markup import (
    are_plain,
    attributes_of,
    decode_text,
    encode_text,
    needs_preserve,
    unescape,
    whole,
)
from app.formats.xlsx.numbers import parse_number
from app.formats.xlsx.row_source import attributes_source
from app.formats.xlsx.strings import Strings
from app.sheet.address import MAX_COLUMNS
from app.sheet.cell import ErrorValue, Value

_SPANS = re.compile(r'\sspans="([0-9]{1,5}):([0-9]{1,5})"')
CACHED = 50_000
"""Texts a table keeps; then it begins anew, so that a column of different ones does not fill the memory."""


class Doubts:
    """What came up while the texts of a row were looked up.

    unknown: a text that its value would not be written with. repeated: the index of a text that stands in
    the table before.
    """

    def __init__(self) -> None:
        self.unknown = self.repeated = False

    def clear(self) -> tuple[bool, bool]:
        """(unknown, repeated), both forgotten."""
        found = self.unknown, self.repeated
        self.unknown = self.repeated = False
        return found


class Table(dict[str, Value]):
    """Values by their text; one that is missing is made."""

    def __init__(self, doubts: Doubts) -> None:
        super().__init__()
        self._doubts = doubts

    def many(self, texts: Sequence[str]) -> list[Value]:
        """The value of each text."""
        return list(map(self.__getitem__, texts))


class Numbers(Table):
    """Values by the text of a number."""

    def many(self, texts: Sequence[str]) -> list[Value]:
        """See `Table.many`; numbers that are written alike are read at once."""
        found: list[Value] | None = numbers(texts, "\n".join(texts) + "\n")  # type: ignore[assignment]
        return super().many(texts) if found is None else found

    def __missing__(self, text: str) -> Value:
        if len(self) >= CACHED:
            self.clear()
        value = parse_number(text)
        if value is None:
            self._doubts.unknown = True
        else:
            self[text] = value
        return value


class SharedTexts(Table):
    """Values by the text of their index."""

    def __init__(self, strings: Strings, doubts: Doubts) -> None:
        super().__init__(doubts)
        self._strings = strings

    def many(self, texts: Sequence[str]) -> list[Value]:
        """See `Table.many`; where no text stands in the strings table twice, they are taken at once."""
        values = self._strings.values
        indexes = integers(texts, "\n".join(texts) + "\n") if self._strings.are_distinct else None
        if not indexes or min(indexes) < 0 or max(indexes) >= len(values):
            return super().many(texts)
        return list(map(values.__getitem__, indexes))

    def __missing__(self, text: str) -> Value:
        if len(self) >= CACHED:
            self.clear()
        index = parse_number(text)
        if not isinstance(index, int) or not 0 <= index < len(self._strings.values):
            self._doubts.unknown = True
            return None
        value = self._strings.values[index]
        if self._strings.index(value) != index:
            self._doubts.repeated = True
        else:
            self[text] = value
        return value


class Written(Table):
    """Values whose source stands in the sheet itself, as the writer would write it or not."""

    def __init__(self, writer: CellWriter, doubts: Doubts) -> None:
        super().__init__(doubts)
        self._writer = writer

    def _settle(self, source: str, value: Value, *, alike: bool) -> Value:
        """The value, remembered where the writer would give its source again, else a doubt."""
        if len(self) >= CACHED:
            self.clear()
        if alike:
            self[source] = value
        else:
            self._doubts.unknown = True
        return value


class InlineTexts(Written):
    """Values by the source of an inline text."""

    def __missing__(self, source: str) -> Value:
        text = decode_text(unescape(source))
        kept = self._writer.text(encode_text(text)) == source and not needs_preserve(text)
        return self._settle(source, text, alike=kept and self._writer.strings.index(text) is None)


class Results(Written):
    """Texts that formulas gave, by their source."""

    def __missing__(self, source: str) -> Value:
        text = decode_text(unescape(source))
        return self._settle(source, text, alike=self._writer.text(encode_text(text)) == source)


class Errors(Written):
    """Errors by the source of their code."""

    def __missing__(self, source: str) -> Value:
        error = ErrorValue(decode_text(unescape(source)))
        return self._settle(source, error, alike=self._writer.text(error.code) == source)


class Booleans(Table):
    """TRUE and FALSE by their digit."""

    def __init__(self, doubts: Doubts) -> None:
        super().__init__(doubts)
        self.update({"0": False, "1": True})

    def __missing__(self, _text: str) -> Value:
        self._doubts.unknown = True
        return None


class Kind(NamedTuple):
    """What the attributes of a cell say.

    table: what gives its value by its text; None where that takes more. result: what gives the value of a
    formula there. before, after: what stands around
    the text. blank: whether a styled blank cell says the same. plain: as `are_plain` tells. said_style,
    type, attributes: as in `CellSource`.
    """

    style: int
    table: Table | None
    result: Table | None
    before: str
    after: str
    blank: bool
    plain: bool
    said_style: str | None
    type: str | None
    attributes: str


class Kinds(dict[str, Kind]):
    """Kinds by the source of a cell's attributes; `doubts` came up in their tables."""

    def __init__(self, writer: CellWriter) -> None:
        super().__init__()
        self._writer = writer
        self.doubts = doubts = Doubts()
        number = "n" if writer.dialect.number_type else ""
        either: dict[str, Table] = {
            number: Numbers(doubts),
            "b": Booleans(doubts),
            "e": Errors(writer, doubts),
        }
        shared, inline = SharedTexts(writer.strings, doubts), InlineTexts(writer, doubts)
        self._tables = {**either, "s": shared, "inlineStr": inline}
        self._results = {**either, "str": Results(writer, doubts)}

    def __missing__(self, said: str) -> Kind:
        if len(self) >= CACHED:
            self.clear()
        attributes = attributes_of(said)
        said_style, kind = attributes.pop("s", None), attributes.pop("t", None)
        attributes.pop("r", None)
        style = whole(said_style) or 0
        spell, dialect = self._writer.attributes, self._writer.dialect
        usual = said == spell(style, kind or "")
        p = dialect.prefix
        before, after = f"><{p}v>", f"</{p}v></{p}c>"
        if kind == "inlineStr":
            before, after = f"><{p}is><{p}t>", f"</{p}t></{p}is></{p}c>"
        self[said] = found = Kind(
            style=style,
            table=self._tables.get(kind or "") if usual else None,
            result=self._results.get(kind or "") if usual else None,
            before=before,
            after=after,
            blank=said == spell(style, "") + dialect.space,
            plain=are_plain(said),
            said_style=said_style,
            type=kind,
            attributes=attributes_source(attributes),
        )
        return found


class Spans(dict[str, tuple[int, int]]):
    """First and last column a row's attributes promise; none where the attributes are not plain."""

    def __missing__(self, attributes: str) -> tuple[int, int]:
        if len(self) >= CACHED:
            self.clear()
        match = _SPANS.search(attributes)
        found = (int(match[1]) - 1, int(match[2]) - 1) if match else (0, MAX_COLUMNS)
        self[attributes] = found = found if are_plain(attributes) else (MAX_COLUMNS, -1)
        return found
