"""xlsx, xlsm, xltx and xltm into a `Document`: parts carried byte for byte, worksheets as frame and rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import BinaryIO, overload

from app.formats import guard
from app.formats.guard import Limits
from app.formats.xlsx.container import Archive
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.notes import NotesReader
from app.formats.xlsx.package import VERSION as PACKAGE_VERSION
from app.formats.xlsx.package import Package, Parts, SheetEntry, open_package
from app.formats.xlsx.recipe import find_recipe
from app.formats.xlsx.report import report
from app.formats.xlsx.rows import RowReader
from app.formats.xlsx.strings import Strings, read_strings
from app.formats.xlsx.survey import Region, Survey, normal_form, survey
from app.sheet.document import Document, SheetSource
from app.sheet.row import Row, row_of


def read(file: BinaryIO, limits: Limits, *, whole: bool = False) -> Document:
    """The document of a package in `file`, which must be seekable and stay open while it is read.

    Rows are read when asked for. whole: find out how the file itself is made again, not its parts alone,
    which costs deflating it. Raises UnreadableFile here, or from a sheet's rows where only those are damaged.
    """
    archive = Archive(file, limits)
    parts, _, entries, roles = open_package(archive)
    sheet_at = {entry.member: n for n, entry in enumerate(entries) if entry.kind == "worksheet"}
    members: list[int] = []
    places: list[int] = []
    for at in range(len(archive.members)):
        if at in sheet_at:
            places.append(-1 - sheet_at[at])
        else:
            places.append(len(members))
            members.append(at)
    surveys = _survey_all(archive, entries, limits)
    wholes: dict[int, int] = {}
    for n, found in surveys.items():
        if found.whole:
            wholes[n] = len(members)
            members.append(entries[n].member)

    @cache
    def strings() -> Strings:
        at = roles.get("sharedStrings")
        return Strings([]) if at is None else read_strings(archive.bytes_of(at), limits.strings)

    sheets = []
    for n, entry in enumerate(entries):
        if n not in surveys:
            sheets.append(SheetSource(entry.name, b"", tuple, entry.state, entry.kind))
            continue
        frame = _frame(parts, entry, surveys[n], wholes.get(n), places)
        rows = _rows(archive, entry.member, frame, strings)
        sheets.append(SheetSource(entry.name, frame.encode(), rows, entry.state, entry.kind))
    package = Package(
        version=PACKAGE_VERSION,
        members=archive.members,
        places=places,
        roles={role: places[at] for role, at in roles.items()},
        sheets=entries,
        comment=archive.comment,
        recipe=find_recipe(archive) if whole else None,
    )
    carried = MemberParts(archive, members)
    return Document(
        format="xlsx",
        sheets=sheets,
        package=package.encode(),
        parts=carried,
        report=report(package, surveys, carried, NotesReader(package, carried).damaged()),
    )


class MemberParts(Sequence[bytes]):
    """Members of an archive as parts, inflated one at a time."""

    def __init__(self, archive: Archive, members: list[int]) -> None:
        self._archive = archive
        self._members = members

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self._archive.bytes_of(member) for member in self._members[index]]
        return self._archive.bytes_of(self._members[index])


def _survey_all(archive: Archive, entries: list[SheetEntry], limits: Limits) -> dict[int, Survey]:
    surveys, cells = {}, 0
    for n, entry in enumerate(entries):
        if entry.kind != "worksheet":
            continue
        found = survey(_opener(archive, entry.member), archive.members[entry.member].text, limits)
        cells += found.cells
        if cells > limits.cells:
            raise guard.too_large("cells", limits.cells)
        surveys[n] = found
    return surveys


def _opener(archive: Archive, member: int) -> Callable[[], Iterable[bytes]]:
    return lambda: archive.pieces(member)


def _frame(parts: Parts, entry: SheetEntry, found: Survey, whole: int | None, places: list[int]) -> Frame:
    links = parts.links(parts.archive.members[entry.member].text.replace("\\", "/"))
    tables = [
        parts.find(link.target) for link in links.values() if link.type == "table" and not link.external
    ]
    return Frame(
        head=found.head,
        tail=found.tail,
        gap=found.gap,
        empty=found.empty,
        dialect=found.dialect,
        whole=whole,
        sheet_id=entry.sheet_id,
        tables=[places[table] for table in tables if table is not None and places[table] >= 0],
        links={rid: link.target for rid, link in links.items() if link.type == "hyperlink" and link.external},
        arrays=found.arrays,
    )


def _rows(
    archive: Archive, member: int, frame: Frame, strings: Callable[[], Strings]
) -> Callable[[], Iterable[tuple[int, Row]]]:
    """What reads a worksheet's rows, each time from its start."""

    def stream() -> Iterator[tuple[int, Row]]:
        if frame.empty is not None:
            return iter(())
        reader = RowReader(frame.dialect, frame.gap, strings())
        region = Region(archive.pieces(member), frame.dialect.prefix, len(frame.head))
        return reader.rows(region)

    def ordered() -> Iterator[tuple[int, Row]]:
        if frame.empty is not None:
            return iter(())
        source = normal_form(archive.bytes_of(member), archive.members[member].text)
        reader = RowReader(frame.dialect, frame.gap, strings())
        rows: dict[int, Row] = {}
        for index, row in reader.rows(Region([source], frame.dialect.prefix, len(frame.head))):
            if known := rows.get(index):
                row = row_of({**dict(known.cells()), **dict(row.cells())}, known.attributes)
            rows[index] = row
        return iter(sorted(rows.items()))

    return stream if frame.whole is None else ordered
