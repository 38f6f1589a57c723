"""One cell between its source and `Cell`: the only place that knows how either makes the other.

What a cell's source has beyond reference, style, type, formula and value travels in `Cell.extra`, as
JSON of an `Extra`; references in it are relative, as a formula's are.
"""

import re
from functools import lru_cache

import msgspec

from app.formats.xlsx.frame import Dialect
from app.formats.xlsx.markup import decode_text, encode_text, escape, needs_preserve, whole
from app.formats.xlsx.numbers import number_text, parse_number
from app.formats.xlsx.strings import Strings, item_value
from app.sheet.address import column_name
from app.sheet.cell import Cell, ErrorValue, RichText, Value
from app.sheet.references import FilledDown, absolute, relative

_REFERENCES = re.compile(r'(\s(?:ref|r1|r2)=")([^"]*)(?=")')
_GROUP = re.compile(r'\ssi="([0-9]+)"')
_SHARED = re.compile(r'\st="shared"')
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


class Extra(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a cell's source says that `Cell` has no field for.

    c: attributes of the cell beyond r, s and t, as source. f: attributes of its formula, as source.
    t: the cell's type where it is not the one its value is written with otherwise. child: it shares
    the formula of its group's master.
    """

    c: str = ""
    f: str = ""
    t: str | None = None
    child: bool = False

    @property
    def group(self) -> str | None:
        """The id of the group of shared formulas it belongs to."""
        return shared_group(self.f)


NO_EXTRA = Extra()
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Extra)


class CellSource(msgspec.Struct, gc=False):
    """A cell's source, taken apart: texts are unescaped, attributes of c beyond r, s, t and of f are source.

    formula_attributes: None where there is no f. inline: the content of ``is``.
    """

    style: str | None = None
    type: str | None = None
    attributes: str = ""
    formula_attributes: str | None = None
    formula: str = ""
    value: str | None = None
    inline: str | None = None


class Masters:
    """The formulas of a sheet's groups of shared formulas, in relative form, as they are met.

    filled: makes the relative forms of its formulas.
    """

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.filled = FilledDown()

    def of(self, group: str) -> str | None:
        """The formula of a group; None where its master has not been met."""
        return self.known.get(group)


def shared_group(formula_attributes: str) -> str | None:
    """The group id where a formula's attributes make it a shared one."""
    if not _SHARED.search(formula_attributes):
        return None
    match = _GROUP.search(formula_attributes)
    return match[1] if match else None


@lru_cache(maxsize=4096)
def decode_extra(extra: str | None) -> Extra:
    """The `Extra` of a cell's `extra`; nothing where it is not one of ours."""
    if not extra:
        return NO_EXTRA
    try:
        return _decoder.decode(extra)
    except msgspec.DecodeError:
        return NO_EXTRA


def encode_extra(extra: Extra) -> str | None:
    """An `Extra` as a cell keeps it; None where it says nothing."""
    return None if extra == NO_EXTRA else _extra_text(extra.c, extra.f, extra.t, extra.child)


def default_type(value: Value, is_formula: bool, dialect: Dialect, strings: Strings) -> str:
    """The ``t`` that a cell holding `value` is written with; empty for none."""
    match value:
        case None:
            return ""
        case bool():
            return "b"
        case int() | float():
            return "n" if dialect.number_type else ""
        case ErrorValue():
            return "e"
        case _ if is_formula:
            return "str"
        case _:
            return "inlineStr" if strings.index(value) is None else "s"


def read_cell(
    source: CellSource, row: int, column: int, dialect: Dialect, strings: Strings, masters: Masters
) -> Cell:
    """The cell that a source at a zero-based row and column stands for."""
    kind = source.type or ""
    value = _value(kind, source, strings)
    formula, formula_attributes, child = None, source.formula_attributes, False
    if formula_attributes is not None:
        group = shared_group(formula_attributes) if formula_attributes else None
        if source.formula:
            formula = masters.filled.relative(source.formula, row, column)
            if group is not None:
                masters.known[group] = formula
        elif group is not None:
            formula = masters.of(group)
            child = formula is not None
        if formula_attributes:
            formula_attributes = _REFERENCES.sub(
                lambda match: match[1] + relative(match[2], row, column), formula_attributes
            )
    expected = default_type(value, formula is not None, dialect, strings)
    said = None if kind == expected else kind
    extra = None
    if said is not None or formula_attributes or source.attributes:
        extra = _extra_text(source.attributes, formula_attributes or "", said, child)
    style = whole(source.style) or 0
    if formula is None:
        return Cell(value, None, None, style, extra)
    return Cell(None, formula, value, style, extra)


class CellWriter:
    """Renders cells the way a sheet's file writes them."""

    def __init__(self, dialect: Dialect, strings: Strings) -> None:
        self.dialect = dialect
        self.strings = strings
        self._c, self._v, self._f, self._is, self._t = (
            dialect.prefix + name for name in ("c", "v", "f", "is", "t")
        )

    def cell(self, row: int, column: int, cell: Cell) -> str:
        """The source of a cell at a zero-based row and column."""
        extra = decode_extra(cell.extra)
        shown = cell.computed if cell.formula is not None else cell.value
        kind = default_type(shown, cell.formula is not None, self.dialect, self.strings)
        if extra.t is not None and _fits(extra.t, shown, self.strings):
            kind = extra.t
        tag = f'<{self._c} r="{column_name(column)}{row + 1}"{self.attributes(cell.style, kind)}{extra.c}'
        content = self._formula(row, column, cell.formula, extra) + self._content(kind, shown, cell.formula)
        return f"{tag}>{content}</{self._c}>" if content else tag + self.dialect.close

    def attributes(self, style: int, kind: str) -> str:
        """A cell's style and type as attributes."""
        s = f' s="{style}"' if style or self.dialect.zero_style else ""
        t = f' t="{kind}"' if kind else ""
        return t + s if self.dialect.types_first else s + t

    def text(self, text: str) -> str:
        """Text as this file escapes it."""
        escaped = escape(text)
        if self.dialect.quotes and '"' in escaped:
            escaped = escaped.replace('"', "&quot;")
        if self.dialect.ascii and not escaped.isascii():
            escaped = escaped.encode("ascii", "xmlcharrefreplace").decode()
        return escaped

    def _formula(self, row: int, column: int, formula: str | None, extra: Extra) -> str:
        if formula is None and not extra.f:
            return ""
        attributes = extra.f
        if "\x01" in attributes:
            attributes = _REFERENCES.sub(lambda match: match[1] + absolute(match[2], row, column), attributes)
        if formula is None or extra.child:
            return f"<{self._f}{attributes}{self.dialect.space}/>"
        return f"<{self._f}{attributes}>{self.text(absolute(formula, row, column))}</{self._f}>"

    def _content(self, kind: str, value: Value, formula: str | None) -> str:
        match value:
            case None:
                return self.dialect.no_value if formula is not None else ""
            case bool():
                content = "1" if value else "0"
            case int() | float():
                content = number_text(value)
            case ErrorValue(code):
                content = self.text(code)
            case _ if kind == "s":
                content = str(self.strings.index(value))
            case RichText(markup=markup) if kind == "inlineStr":
                return f"<{self._is}>{markup}</{self._is}>"
            case "" if kind == "str" and self.dialect.no_value:
                return self.dialect.no_value
            case RichText(text=text) | str(text):
                content = self.text(encode_text(text))
                if kind == "inlineStr":
                    space = ' xml:space="preserve"' if needs_preserve(text) else ""
                    return f"<{self._is}><{self._t}{space}>{content}</{self._t}></{self._is}>"
        return f"<{self._v}>{content}</{self._v}>"


@lru_cache(maxsize=4096)
def _extra_text(c: str, f: str, t: str | None, child: bool) -> str:
    return _encoder.encode(Extra(c, f, t, child)).decode()


def _value(kind: str, source: CellSource, strings: Strings) -> Value:
    text = source.value
    if kind == "inlineStr" and source.inline is not None:
        return item_value(source.inline)
    if text is None:
        return None
    if kind in ("str", "inlineStr", "d"):
        return decode_text(text)
    if not text:
        return None
    if kind == "s":
        index = parse_number(text.strip())
        known = isinstance(index, int) and 0 <= index < len(strings.values)
        return strings.values[int(index)] if known and index is not None else None
    if kind == "b":
        return _BOOLEANS.get(text.strip(), text)
    if kind == "e":
        return ErrorValue(decode_text(text))
    number = parse_number(text.strip())
    return text if number is None else number


def _fits(kind: str, value: Value, strings: Strings) -> bool:
    """Whether a value can be written as a cell of a type its file gave it."""
    if value is None:
        return True
    if isinstance(value, str | RichText):
        return kind in ("str", "inlineStr", "d") or (kind == "s" and strings.index(value) is not None)
    if isinstance(value, bool):
        return kind == "b"
    if isinstance(value, ErrorValue):
        return kind == "e"
    return kind in ("", "n")
