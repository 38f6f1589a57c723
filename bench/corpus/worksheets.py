"""What an edit changed in a worksheet part, found by expat alone: none of the reader's own patterns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

_DIMENSION = re.compile(rb"<(?:[\w.-]+:)?dimension\s[^<>]*>")
_SPANS = re.compile(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
_NUMBER = re.compile(rb"""(?<=\s)r\s*=\s*(?:"[^"]*"|'[^']*')""")
_DECLARED = re.compile(r"""^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')""")
_TAG = re.compile(rb"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w-]+)""")
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
_SHARED = re.compile(rb"""\st\s*=\s*["']shared["']""")


class Element(NamedTuple):
    """An element of a part: the number it says it has, or that follows, and where it starts and ends."""

    number: int
    start: int
    end: int
    named: bool


class Parsed(NamedTuple):
    """A worksheet part taken apart: where its rows' element starts and ends, and its rows in order.

    source: in UTF-8. rows_start, rows_end: of what stands inside the element; both at the end of the
    source's head where there is no such element, or it is empty.
    """

    source: bytes
    start: int
    rows_start: int
    rows_end: int
    end: int
    rows: Sequence[Element]


def changed(before: bytes, after: bytes, row: int, column: int) -> tuple[list[str], list[str]]:
    """(what else had to change, what changed and should not have) by an edit of a zero-based cell."""
    old, new = parsed(before), parsed(after)
    also: list[str] = []
    wrong: list[str] = []
    heads = [part.source[: part.start] for part in (old, new)]
    if heads[0] != heads[1]:
        if _DIMENSION.sub(b"", heads[0], count=1) == _DIMENSION.sub(b"", heads[1], count=1):
            also.append("dimension")
        else:
            wrong.append("what stands before the rows")
    if old.source[old.end :] != new.source[new.end :]:
        wrong.append("what stands after the rows")
    added = Counter(_between(new)) - Counter(_between(old))
    if added.total() > max(0, len(new.rows) - len(old.rows)):
        wrong.append("what stands between the rows")
    number = row + 1
    olds, news = ([item for item in part.rows if item.number != number] for part in (old, new))
    if [item.number for item in olds] != [item.number for item in news]:
        return also, [*wrong, "other rows, or their order"]
    for one, other in zip(olds, news, strict=True):
        sources = _source(old, one), _source(new, other)
        if sources[0] != sources[1]:
            reason = _other_row(*sources, one.named, other.named)
            (also if reason else wrong).append(reason or f"row {one.number}")
    also_here, wrong_here = _row(
        [_source(old, item) for item in old.rows if item.number == number],
        [_source(new, item) for item in new.rows if item.number == number],
        column,
    )
    return also + also_here, wrong + wrong_here


@lru_cache(maxsize=2)
def parsed(part: bytes) -> Parsed:
    """A worksheet part taken apart."""
    source = part
    said = _ENCODING.match(part)
    encoding = said[1].decode() if said else _UTF16.get(part[:2], "utf-8")
    if encoding.lower() != "utf-8":
        source = _DECLARED.sub(r'\1 encoding="UTF-8"', part.decode(encoding)).encode()
    elements = list(_elements(source, "sheetData", "row"))
    rows = [element for name, element in elements if name == "row"]
    region = next((element for name, element in elements if name == "sheetData"), None)
    if region is None:
        at = next(element.start for name, element in elements if name == "")
        return Parsed(source, at, at, at, at, [])
    opening = _tag_end(source, region.start)
    if source[opening - 2 : opening] == b"/>":
        return Parsed(source, region.start, opening, opening, region.end, rows)
    closing = source.rindex(b"</", region.start, region.end)
    return Parsed(source, region.start, opening, closing, region.end, rows)


def _source(part: Parsed, element: Element) -> bytes:
    return part.source[element.start : element.end]


def _between(part: Parsed) -> Iterator[bytes]:
    """What stands before, between and after the rows."""
    at = part.rows_start
    for row in part.rows:
        yield part.source[at : row.start]
        at = row.end
    yield part.source[at : part.rows_end]


def _other_row(before: bytes, after: bytes, was_named: bool, is_named: bool) -> str:
    """Why a row without the edited cell may differ; empty where nothing allows it."""
    if is_named and not was_named and before == _cut(_NUMBER, after):
        return "row numbers"
    ours, theirs = _cells(before), _cells(after)
    if len(ours) != len(theirs):
        return ""
    pairs = [(one, other) for one, other in zip(ours, theirs, strict=True) if one[1] != other[1]]
    if len(pairs) == 1 and _SHARED.search(pairs[0][0][1]):
        return "next master of a shared formula"
    return ""


def _row(before: list[bytes], after: list[bytes], column: int) -> tuple[list[str], list[str]]:
    """(what else had to change, what should not have) in the edited row."""
    if not before and len(after) == 1:
        return [], []
    if not after:
        # Cleared, a row of one cell is gone.
        return [], ["the row is gone"] if sum(len(_cells(row)) for row in before) > 1 else []
    if len(after) != len(before):
        return [], ["how often the row stands there"]
    also, wrong = [], []
    for one, other in zip(before, after, strict=True):
        tags = [source[: _tag_end(source, 0)].rstrip(b"/>").rstrip() for source in (one, other)]
        if tags[0] != tags[1]:
            if _cut(_SPANS, tags[0]) == _cut(_SPANS, tags[1]):
                also.append("spans")
            elif _cut(_NUMBER, _cut(_SPANS, tags[0])) == _cut(_NUMBER, _cut(_SPANS, tags[1])):
                also.append("row numbers")
            else:
                wrong.append("the row's attributes")
        ours = [cell for cell in _cells(one) if cell[0].number != column]
        theirs = [cell for cell in _cells(other) if cell[0].number != column]
        if [source for _, source in ours] == [source for _, source in theirs]:
            continue
        if not all(cell.named for cell, _ in _cells(one)) and [c.number for c, _ in ours] == [
            c.number for c, _ in theirs
        ]:
            also.append("references of cells that had none")
            continue
        differing = [pair for pair in zip(ours, theirs, strict=False) if pair[0][1] != pair[1][1]]
        if len(ours) == len(theirs) and len(differing) == 1 and _SHARED.search(differing[0][0][1]):
            also.append("next master of a shared formula")
        else:
            wrong.append("other cells of the row")
    return also, wrong


def _cut(pattern: re.Pattern[bytes], source: bytes) -> bytes:
    """A source without what a pattern first finds, and the space around that."""
    return (
        re.sub(rb"\s+", b" ", pattern.sub(b"", source, count=1))
        .replace(b" >", b">")
        .replace(b" />", b"/>")
        .rstrip()
    )


def _cells(row: bytes) -> list[tuple[Element, bytes]]:
    """The cells of a row, by zero-based column, with their sources."""
    # A row alone has lost what its document says of prefixes; expat does not ask for them.
    cells = [element for name, element in _elements(row, "row", "c") if name == "c"]
    return [(element, row[element.start : element.end]) for element in cells]


def _elements(source: bytes, parent: str, name: str) -> Iterator[tuple[str, Element]]:
    """(local name, element) of every `parent`, of every `name` directly within, and ("", the root's end)."""
    found: list[tuple[str, Element]] = []
    stack: list[tuple[str, int, int, bool]] = []
    last = [-1]
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        number, named = -1, False
        if tag == name and stack and stack[-1][0] == parent:
            said = attributes.get("r")
            named = said is not None
            number = last[0] + 1 if said is None else _place(said)
            last[0] = number
        stack.append((tag, parser.CurrentByteIndex, number, named))

    def end(_tag: str) -> None:
        tag, begun, number, named = stack.pop()
        at = parser.CurrentByteIndex
        if not stack:
            found.append(("", Element(-1, at, at, False)))
        if tag == parent or (tag == name and number >= 0):
            # At the end of a tag that is its element's whole, expat's index is past it already.
            stop = _tag_end(source, begun)
            if source[stop - 2 : stop] != b"/>":
                stop = source.index(b">", at) + 1
            found.append((tag, Element(number, begun, stop, named)))

    if name == "row":
        last[0] = 0
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(source, True)
    return iter(found)


def _place(said: str) -> int:
    """The number of a row (from 1) or the column of a cell (from 0)."""
    letters = said.strip().replace("$", "").rstrip("0123456789").upper()
    if not letters:
        return int(said)
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _tag_end(source: bytes, start: int) -> int:
    """Where the tag that starts at a place ends."""
    match = _TAG.match(source, start)
    return match.end() if match else len(source)
