"""What an edit changed in a package, and whether each change is one that the edit needs."""

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from app.formats.xlsx.package import Package, normal
from app.sheet.address import parse_cell
from bench.corpus import worksheets
from bench.corpus.edits import Edit

Members = Sequence[tuple[zipfile.ZipInfo, bytes]]

_CALCULATION = re.compile(
    rb"<(?:[\w.-]+:)?calcPr(?:\s[^<>]*)?/>|<(?:[\w.-]+:)?calcPr[^<>]*>\s*</[^<>]*calcPr\s*>"
)
_CHAIN_MENTION = re.compile(
    rb"<(?:[\w.-]+:)?(?:Override|Relationship)\s[^<>]*calcChain[^<>]*?(?:/>|>\s*</[^<>]*>)"
)
_APPLICATION = re.compile(rb"<(?:[\w.-]+:)?Application>([^<]*)<")
_SUPER_FAST = 0x6
"""Set where Excel packed a member: how hard its deflate tries."""
_UNNAMED = "not named"
_COLUMN = re.compile(rb"<(?:[\w.-]+:)?tableColumn\s[^<>]*>")


class Difference(NamedTuple):
    """also: what had to change besides the edited row. wrong: what changed and should not have."""

    also: list[str]
    wrong: list[str]


def members(file: bytes) -> Members:
    """The entries of a zip file in order, with their bytes, as the standard library reads them."""
    with zipfile.ZipFile(BytesIO(file)) as archive:
        return [(entry, archive.open(entry).read()) for entry in archive.infolist()]


def untouched(before: Members, after: Members) -> list[str]:
    """Names of the entries that differ: in order, bytes, or what the zip file says of them."""
    if len(before) != len(after):
        return ["the list of parts"]
    return [
        old.filename
        for (old, old_bytes), (new, new_bytes) in zip(before, after, strict=True)
        if old_bytes != new_bytes or _entry(old) != _entry(new)
    ]


def producer(file: Members) -> str:
    """The program that wrote a package, as its own properties say; where Excel is named and another program
    packed the file, so much of the truth."""
    for entry, content in file:
        if entry.filename == "docProps/app.xml":
            found = _APPLICATION.search(content)
            name = found[1].decode("utf-8", "replace").partition("/")[0].strip() if found else ""
            if name.startswith("Microsoft") and "Excel" in name and not file[0][0].flag_bits & _SUPER_FAST:
                return f"{name}, packed by another"
            return name or _UNNAMED
    return _UNNAMED


def difference(before: Members, after: Members, package: Package, sheet: int, edit: Edit) -> Difference:
    """What an edit of a cell in the sheet at a position changed. package: that of the file before."""
    also: list[str] = []
    wrong: list[str] = []
    roles = {place: role for role, place in package.roles.items()}
    chain = package.roles.get("calcChain")
    places = list(package.places)
    sheet_id = package.sheets[sheet].sheet_id
    if len(after) == len(before) - 1 and chain is not None:
        also.append("calcChain left out")
        gone = places.index(chain)
        before = [*before[:gone], *before[gone + 1 :]]
        del places[gone]
    if len(before) != len(after):
        return Difference(also, ["the list of parts"])
    for place, (old, old_bytes), (new, new_bytes) in zip(places, before, after, strict=True):
        if _entry(old) != _entry(new):
            wrong.append(f"the zip entry of {old.filename}")
        if old_bytes == new_bytes:
            continue
        role = roles.get(place, "")
        if place == -1 - sheet:
            more, faults = worksheets.changed(old_bytes, new_bytes, edit.row, edit.column)
            also += more
            wrong += [f"{old.filename}: {fault}" for fault in faults]
        elif role == "workbook" and _CALCULATION.sub(b"", old_bytes) == _CALCULATION.sub(b"", new_bytes):
            also.append("calculation on load")
        elif role in ("contentTypes", "workbookRels") and "calcChain left out" in also:
            if _CHAIN_MENTION.sub(b"", old_bytes) != new_bytes:
                wrong.append(old.filename)
        elif role == "calcChain" and _entries_left(old_bytes, new_bytes, sheet_id, edit):
            also.append("calcChain")
        elif "table" in normal(old.filename) and _one_column_renamed(old_bytes, new_bytes):
            also.append("table column")
        else:
            wrong.append(old.filename)
    return Difference(also, wrong)


def _entry(entry: zipfile.ZipInfo) -> tuple[object, ...]:
    return (
        entry.filename,
        entry.flag_bits,
        entry.date_time,
        entry.compress_type,
        entry.create_system,
        entry.create_version,
        entry.external_attr,
        entry.comment,
    )


def _entries_left(before: bytes, after: bytes, sheet_id: int, edit: Edit) -> bool:
    """Whether a calculation chain lost the edited cell's entries, those its array filled, and no other."""
    area = edit.filled
    kept = [
        (sheet, (row, column))
        for sheet, (row, column) in _chain(before)
        if not (sheet == sheet_id and area.top <= row <= area.bottom and area.left <= column <= area.right)
    ]
    return kept == _chain(after)


def _chain(part: bytes) -> list[tuple[int, tuple[int, int]]]:
    sheet, found = 0, []
    root: Element = fromstring(part)
    for entry in root:
        sheet = int(entry.get("i", sheet))
        found.append((sheet, parse_cell(entry.get("r", ""))))
    return found


def _one_column_renamed(before: bytes, after: bytes) -> bool:
    """Whether a table part differs in the tag of one column only."""
    if _COLUMN.sub(b"", before) != _COLUMN.sub(b"", after):
        return False
    columns = zip(_COLUMN.findall(before), _COLUMN.findall(after), strict=True)
    return [old != new for old, new in columns].count(True) == 1
