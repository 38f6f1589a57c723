"""A `Document` back into its package: untouched pieces byte for byte, edits as the smallest splice."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import cache
from typing import BinaryIO

from app.formats.guard import Limits
from app.formats.xlsx.archive_writer import ArchiveWriter
from app.formats.xlsx.calculation import recalculating, without_calc_chain, without_entries
from app.formats.xlsx.cells import CellWriter
from app.formats.xlsx.edited_sheet import EditedSheet, edited_sheet
from app.formats.xlsx.frame import Frame
from app.formats.xlsx.package import Package
from app.formats.xlsx.render import sheet_source, untouched_rows
from app.formats.xlsx.strings import Strings, read_strings
from app.formats.xlsx.tables import header_of, renamed_columns
from app.sheet.document import Document


def write(document: Document, out: BinaryIO) -> None:
    """Write a document that `read` made, or a later state of one, to `out`, which need not be seekable.

    Unedited, where its package has a recipe, that is the file it was read from.
    """
    package = Package.decode(document.package)

    @cache
    def strings() -> Strings:
        at = package.roles.get("sharedStrings")
        return Strings([]) if at is None else read_strings(document.parts[at], Limits.strings)

    with ExitStack() as spools:
        edited: dict[int, EditedSheet] = {}
        for n, sheet in enumerate(document.sheets):
            if sheet.edited and sheet.kind == "worksheet":
                frame = Frame.decode(sheet.frame)
                writer = CellWriter(frame.dialect, strings())
                headers = [header for at in frame.tables if (header := header_of(document.parts[at]))]
                edited[n] = spools.enter_context(edited_sheet(frame, sheet.rows, writer, headers))
        parts = changed_parts(document, package, edited)
        recipe = package.recipe
        archive = ArchiveWriter(out, None if edited or parts else recipe)
        for at in (recipe and recipe.order) or range(len(package.members)):
            place = package.places[at]
            if place < 0:
                n = -1 - place
                source = edited[n].source() if n in edited else _untouched(document, n, strings)
            elif (part := parts.get(place, _AS_IT_IS)) is not None:
                source = [document.parts[place] if part is _AS_IT_IS else part]
            else:
                continue
            archive.add(package.members[at], source, recipe.packings[at] if recipe else None, at)
        archive.close(package.comment)


_AS_IT_IS = b"\x00as it is"


def changed_parts(
    document: Document, package: Package, edited: Mapping[int, EditedSheet]
) -> dict[int, bytes | None]:
    """The parts that edits change, by index; None for one that is left out."""
    changed: dict[int, bytes | None] = {}
    roles = package.roles
    chain = roles.get("calcChain")
    if chain is not None and edited:
        source = document.parts[chain]
        kept = without_entries(source, {sheet.frame.sheet_id: sheet.is_formula for sheet in edited.values()})
        if kept is None:
            changed[chain] = None
            name = next(
                m.text for m, place in zip(package.members, package.places, strict=True) if place == chain
            )
            for role in ("contentTypes", "workbookRels"):
                if role in roles:
                    changed[roles[role]] = without_calc_chain(document.parts[roles[role]], name)
        elif kept != source:
            changed[chain] = kept
    if document.stale:
        changed[roles["workbook"]] = recalculating(document.parts[roles["workbook"]])
    for sheet in edited.values():
        for table in sheet.frame.tables:
            source = document.parts[table]
            renamed = renamed_columns(source, sheet.header_at)
            if renamed != source:
                changed[table] = renamed
    return changed


def _untouched(document: Document, n: int, strings: Callable[[], Strings]) -> Iterable[bytes]:
    """The source of a sheet that is as its file had it."""
    sheet = document.sheets[n]
    frame = Frame.decode(sheet.frame)
    if frame.whole is not None:
        return [document.parts[frame.whole]]
    writer = CellWriter(frame.dialect, strings())
    return sheet_source(frame, untouched_rows(sheet.rows(), frame, writer))
