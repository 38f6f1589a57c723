"""Number format codes as tokens: what a code such as ``[Red]-#,##0.00;@`` is made of."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property, lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import NamedTuple

_COLOURS = {
    "black": "#000000",
    "blue": "#0000FF",
    "cyan": "#00FFFF",
    "green": "#00FF00",
    "magenta": "#FF00FF",
    "red": "#FF0000",
    "white": "#FFFFFF",
    "yellow": "#FFFF00",
}
_PALETTE = (
    "000000 FFFFFF FF0000 00FF00 0000FF FFFF00 FF00FF 00FFFF 800000 008000 000080 808000 800080 008080 "
    "C0C0C0 808080 9999FF 993366 FFFFCC CCFFFF 660066 FF8080 0066CC CCCCFF 000080 FF00FF FFFF00 00FFFF "
    "800080 800000 008080 0000FF 00CCFF CCFFFF CCFFCC FFFF99 99CCFF FF99CC CC99FF FFCC99 3366FF 33CCCC "
    "99CC00 FFCC00 FF9900 FF6600 666699 969696 003366 339966 003300 333300 993300 993366 333399 333333"
).split()
"""[Color1] to [Color56]: the default indexed colours of ECMA-376 part 1, 18.8.27, from index 8 on."""

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lt,
    "<=": le,
    "=": eq,
    "<>": ne,
    ">": gt,
    ">=": ge,
}
_SYSTEM_FORMATS = {"f800": "dddd, mmmm dd, yyyy", "f400": "h:mm:ss AM/PM"}
"""[$-F800] and [$-F400] stand for the long date and the time of whoever looks, whatever follows."""

_LEXEMES = re.compile(
    r"""
      (?P<quoted>"[^"]*")
    | \\(?P<escaped>.)
    | _(?P<skip>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>general)
    | (?P<ampm>am/pm|a/p)
    | (?P<exponent>e[+-])
    | (?P<date>y+|m+|d+|h+|s+|e+|b+)
    | (?P<digit>[0#?])
    | (?P<end>;)
    | (?P<broken>["\[\\])
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*")
_COLOUR_INDEX = re.compile(r"colou?r\s*(\d{1,2})", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_PUNCTUATION = {".", ",", "%", "/", "@"}
FILL_MARK = "\ue000"
"""Stands before a fill character in laid out text; a private use character."""

_MAX_SECTIONS = 4
_MAX_PERCENTS = 20
_MAX_CODE = 2_000
"""Longer codes are nobody's: Excel's limit is 255 characters."""


class BadCode(ValueError):
    """The text is no format code."""


class Kind(Enum):
    """What a token stands for; `Token.text` says more."""

    LITERAL = auto()  # text shown as it is
    FILL = auto()  # a character that fills the column
    DIGIT = auto()  # 0 # ?
    POINT = auto()
    COMMA = auto()
    PERCENT = auto()
    SLASH = auto()
    EXPONENT = auto()  # E+ or E-
    DATE = auto()  # yyyy, mm (month), hh, ss … in lower case; minutes are MINUTES
    MINUTES = auto()
    ELAPSED = auto()  # [h], [mm], [s]
    HALF = auto()  # AM/PM, A/P
    TEXT = auto()  # @
    GENERAL = auto()


class Token(NamedTuple):
    """A piece of a section."""

    kind: Kind
    text: str


class Condition(NamedTuple):
    """``[>=100]``: which numbers a section is for."""

    sign: str
    limit: float

    def admits(self, number: float) -> bool:
        """Whether the number meets the condition."""
        return _COMPARISONS[self.sign](number, self.limit)


@dataclass(frozen=True, eq=False)
class Section:
    """One part of a format code between semicolons. Itself its identity, so that caches can hold it."""

    tokens: tuple[Token, ...]
    condition: Condition | None = None
    colour: str | None = None

    def has(self, *kinds: Kind) -> bool:
        """Whether a token of one of the kinds is in it."""
        return any(token.kind in kinds for token in self.tokens)

    @cached_property
    def is_date(self) -> bool:
        """Whether it lays a number out as a date or time."""
        return self.has(Kind.DATE, Kind.MINUTES, Kind.ELAPSED, Kind.HALF)

    @cached_property
    def fills(self) -> bool:
        """Whether a character in it fills the column."""
        return self.has(Kind.FILL)

    @cached_property
    def is_general(self) -> bool:
        """Whether it is the General format alone."""
        return [token.kind for token in self.tokens] == [Kind.GENERAL]


class Code(NamedTuple):
    """A compiled format code: the sections for numbers in order, and the one for text if it has one."""

    numbers: tuple[Section, ...]
    text: Section | None


@lru_cache(maxsize=4096)
def compile_code(code: str) -> Code:
    """Take a format code apart; raises BadCode where it is none."""
    if len(code) > _MAX_CODE:
        raise BadCode(code[:40])
    sections = list(_sections(code))
    if len(sections) > _MAX_SECTIONS:
        raise BadCode(code)
    text = None
    if len(sections) == _MAX_SECTIONS or sections[-1].has(Kind.TEXT):
        text = sections.pop()
    if any(section.has(Kind.TEXT) for section in sections) or code.count("%") > _MAX_PERCENTS:
        raise BadCode(code)
    return Code(tuple(sections), text)


def _sections(code: str) -> Iterator[Section]:
    tokens: list[Token] = []
    condition: Condition | None = None
    colour: str | None = None
    system: str | None = None
    for match in _LEXEMES.finditer(code):
        kind, text = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "broken":
            raise BadCode(code)
        if kind == "end":
            yield _section(tokens, condition, colour, system)
            tokens, condition, colour, system = [], None, None, None
        elif kind != "bracket":
            tokens.append(_token(kind, text))
        elif _ELAPSED.fullmatch(text):
            tokens.append(Token(Kind.ELAPSED, text.lower()))
        elif text.startswith("$"):
            symbol, _, locale = text[1:].partition("-")
            system = _SYSTEM_FORMATS.get(locale.lower(), system)
            tokens.append(Token(Kind.LITERAL, symbol))
        elif match_condition := _CONDITION.fullmatch(text):
            condition = Condition(match_condition[1], float(match_condition[2]))
        else:
            colour = _colour(text) or colour
    yield _section(tokens, condition, colour, system)


def _section(
    tokens: list[Token], condition: Condition | None, colour: str | None, system: str | None
) -> Section:
    if system is not None:
        return replace(next(_sections(system)), condition=condition, colour=colour)
    return Section(tuple(_with_minutes(tokens)), condition, colour)


def _token(kind: str, text: str) -> Token:
    match kind:
        case "quoted":
            return Token(Kind.LITERAL, text[1:-1])
        case "skip":
            return Token(Kind.LITERAL, " ")
        case "fill":
            return Token(Kind.FILL, FILL_MARK + text)
        case "general":
            return Token(Kind.GENERAL, text)
        case "ampm":
            return Token(Kind.HALF, text)
        case "exponent":
            return Token(Kind.EXPONENT, text)
        case "date":
            return Token(Kind.DATE, text.lower())
        case "digit":
            return Token(Kind.DIGIT, text)
        case "other" if text in _PUNCTUATION:
            return Token(
                {".": Kind.POINT, ",": Kind.COMMA, "%": Kind.PERCENT, "/": Kind.SLASH, "@": Kind.TEXT}[text],
                text,
            )
    return Token(Kind.LITERAL, text)


def _colour(name: str) -> str | None:
    if match := _COLOUR_INDEX.fullmatch(name.strip()):
        index = int(match[1])
        return f"#{_PALETTE[index - 1]}" if 1 <= index <= len(_PALETTE) else None
    return _COLOURS.get(name.strip().lower())


def _with_minutes(tokens: list[Token]) -> Iterator[Token]:
    """``m`` and ``mm`` are minutes right after hours or seconds, or right before seconds."""
    units = [token.text[0] if token.kind in (Kind.DATE, Kind.ELAPSED) else "" for token in tokens]
    for at, token in enumerate(tokens):
        if token.kind is Kind.DATE and token.text in ("m", "mm"):
            before = next((unit for unit in reversed(units[:at]) if unit), "")
            after = next((unit for unit in units[at + 1 :] if unit), "")
            if before in ("h", "s") or after == "s":
                token = Token(Kind.MINUTES, token.text)
        yield token
