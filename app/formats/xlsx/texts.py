"""What the texts in cells stand for: looked up by the text, made once for all cells that have it.

A table gives a value only where the value would be written with that very text again; where it would not,
it tells `Doubts`.
"""

from collections.abc import Mapping
from typing import NamedTuple

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
from app.sheet.cell import Value

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


class Numbers(dict[str, Value]):
    """Values by the text of a number."""

    def __init__(self, doubts: Doubts) -> None:
        super().__init__()
        self._doubts = doubts

    def __missing__(self, text: str) -> Value:
        if len(self) >= CACHED:
            self.clear()
        value = parse_number(text)
        if value is None:
            self._doubts.unknown = True
        else:
            self[text] = value
        return value


class SharedTexts(dict[str, Value]):
    """Values by the text of their index."""

    def __init__(self, strings: Strings, doubts: Doubts) -> None:
        super().__init__()
        self._strings, self._doubts = strings, doubts

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


class InlineTexts(dict[str, Value]):
    """Values by the source of an inline text."""

    def __init__(self, writer: CellWriter, doubts: Doubts) -> None:
        super().__init__()
        self._writer, self._doubts = writer, doubts

    def __missing__(self, source: str) -> Value:
        if len(self) >= CACHED:
            self.clear()
        text = decode_text(unescape(source))
        kept = self._writer.text(encode_text(text)) == source and not needs_preserve(text)
        if kept and self._writer.strings.index(text) is None:
            self[source] = text
        else:
            self._doubts.unknown = True
        return text


class Kind(NamedTuple):
    """What the attributes of a cell say.

    table: what gives its value by its text; None where that takes more. before, after: what stands around
    the text. blank: whether a styled blank cell says the same. plain: as `are_plain` tells. said_style,
    type, attributes: as in `CellSource`.
    """

    style: int
    table: Mapping[str, Value] | None
    before: str
    after: str
    blank: bool
    plain: bool
    said_style: str | None
    type: str | None
    attributes: str


class Kinds(dict[str, Kind]):
    """Kinds by the source of a cell's attributes."""

    def __init__(
        self, writer: CellWriter, numbers: Numbers, shared: SharedTexts, inline: InlineTexts
    ) -> None:
        super().__init__()
        self._writer = writer
        number = "n" if writer.dialect.number_type else ""
        self._tables: dict[str, Mapping[str, Value]] = {number: numbers, "s": shared, "inlineStr": inline}

    def __missing__(self, said: str) -> Kind:
        if len(self) >= CACHED:
            self.clear()
        attributes = attributes_of(said)
        said_style, kind = attributes.pop("s", None), attributes.pop("t", None)
        attributes.pop("r", None)
        style = whole(said_style) or 0
        spell, dialect = self._writer.attributes, self._writer.dialect
        p = dialect.prefix
        before, after = f"><{p}v>", f"</{p}v></{p}c>"
        if kind == "inlineStr":
            before, after = f"><{p}is><{p}t>", f"</{p}t></{p}is></{p}c>"
        self[said] = found = Kind(
            style=style,
            table=self._tables.get(kind or "") if said == spell(style, kind or "") else None,
            before=before,
            after=after,
            blank=said == spell(style, "") + dialect.space,
            plain=are_plain(said),
            said_style=said_style,
            type=kind,
            attributes=attributes_source(attributes),
        )
        return found
