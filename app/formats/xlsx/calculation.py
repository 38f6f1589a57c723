"""What a package says about calculation: the chain of formula cells, and whether to recalculate on load."""

import re
from collections.abc import Callable, Mapping

from app.formats.guard import UnreadableFile
from app.formats.xlsx.markup import attributes_of, whole
from app.formats.xlsx.package import normal
from app.formats.xlsx.strings import declared_encoding, decode_part
from app.sheet.address import BadAddress, parse_cell

_ENTRY = re.compile(r"<(?:[\w.-]+:)?c\s([^<>]*?)/?>(?:</(?:[\w.-]+:)?c>)?")
_CALC = re.compile(r"<(?:[\w.-]+:)?calcPr(?:\s[^<>]*?)?(?=/?>)")
_FULL = re.compile(r"""(\sfullCalcOnLoad\s*=\s*)(?:"[^"]*"|'[^']*')""")
_BEFORE_CALC = re.compile(
    r"(?:</([\w.-]+:)?|<([\w.-]+:)?(?=\w+\s*/>))(?:sheets|functionGroups|externalReferences|definedNames)\s*/?>"
)
_OVERRIDE = re.compile(r"<(?:[\w.-]+:)?Override\s([^<>]*?)/?>(?:\s*</(?:[\w.-]+:)?Override>)?")
_RELATIONSHIP = re.compile(r"<(?:[\w.-]+:)?Relationship\s([^<>]*?)/?>(?:\s*</(?:[\w.-]+:)?Relationship>)?")

IsFormula = Callable[[int, int], bool]


def without_entries(chain: bytes, sheets: Mapping[int, IsFormula]) -> bytes | None:
    """A calcChain part without the cells that hold no formula any more; None where none is left.

    sheets: for the sheets that may have lost some, by sheet id, whether a (row, column) holds a formula.
    An entry without a sheet id is of the sheet of the one before (ECMA-376-1 §18.6.1). A part that cannot be
    read stays as it is.
    """
    try:
        text = decode_part(chain, "calcChain.xml")
    except UnreadableFile:
        return chain
    said = written = 0
    left = False

    def entry(match: re.Match[str]) -> str:
        nonlocal said, written, left
        attributes = attributes_of(match[1])
        own = whole(attributes.get("i"))
        if own is not None:
            said = own
        if said in sheets:
            try:
                if not sheets[said](*parse_cell(attributes.get("r", ""))):
                    return ""
            except BadAddress:
                return ""
        left = True
        source = match[0]
        if own is None and written != said:
            at = match.start(1) - match.start()
            source = f'{source[:at]}i="{said}" {source[at:]}'
        written = said
        return source

    kept = _ENTRY.sub(entry, text)
    if kept == text:
        return chain
    return _encoded(kept, chain) if left else None


def recalculating(workbook: bytes) -> bytes:
    """A workbook part that has its formulas calculated when it is opened."""
    text = decode_part(workbook, "workbook.xml")
    if found := _CALC.search(text):
        tag = found[0].rstrip()
        if _FULL.search(tag):
            tag = _FULL.sub(r'\1"1"', tag)
        else:
            tag += ' fullCalcOnLoad="1"'
        space = found[0][len(found[0].rstrip()) :]
        text = text[: found.start()] + tag + space + text[found.end() :]
    elif before := list(_BEFORE_CALC.finditer(text)):
        last = before[-1]
        prefix = last[1] or last[2] or ""
        text = f'{text[: last.end()]}<{prefix}calcPr calcId="0" fullCalcOnLoad="1"/>{text[last.end() :]}'
    return _encoded(text, workbook)


def without_calc_chain(part: bytes, name: str) -> bytes:
    """A content types or relationships part that no longer mentions the calcChain part `name`."""
    text = decode_part(part, name)

    def override(match: re.Match[str]) -> str:
        return "" if normal(attributes_of(match[1]).get("PartName", "")) == normal(name) else match[0]

    def relationship(match: re.Match[str]) -> str:
        return "" if attributes_of(match[1]).get("Type", "").endswith("/calcChain") else match[0]

    return _encoded(_RELATIONSHIP.sub(relationship, _OVERRIDE.sub(override, text)), part)


def _encoded(text: str, like: bytes) -> bytes:
    """Text in the encoding of the part it came from."""
    return text.encode(declared_encoding(like))
