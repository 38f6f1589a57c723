"""One file through import, export, edits of each kind, export and re-import: the paths that services use."""

import warnings
from collections.abc import Iterator
from datetime import date, time, timedelta
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.utils.datetime import to_excel

from app.formats import registry
from app.formats.csv import document as csv
from app.formats.guard import Limits, UnreadableFile
from app.formats.xlsx import writer as xlsx
from app.formats.xlsx.package import Package
from app.sheet.cell import EMPTY
from app.sheet.row import Row
from app.store.memory import MemoryChunks
from app.store.state import State
from bench.corpus import packages, texts
from bench.corpus.edits import Edit, edits

_OPENPYXL_CELLS = 20_000
"""Cells up to which a workbook is given to openpyxl, which takes seconds for more."""


_UNKNOWN = object()
"""Stands for the value of a cell that openpyxl gives none of: one that is merged into another."""


class Edited(NamedTuple):
    """An edit, what else had to change, and what went wrong: nothing where it was local."""

    kind: str
    place: str
    also: list[str]
    wrong: list[str]


class Examined(NamedTuple):
    """What became of a file.

    refused: the reason, where it was not taken in; message: what a person reads of that. changed: the
    parts that an untouched export does not give back. whole: whether that export is the file itself.
    producer: the program that wrote it, of a package. misreported: whether the import report says
    otherwise of that.
    """

    refused: str = ""
    message: str = ""
    cells: int = 0
    changed: tuple[str, ...] = ()
    whole: bool = False
    edits: tuple[Edited, ...] = ()
    producer: str = ""
    misreported: bool = False


def examine(path: Path) -> Examined:
    """Take a file through all of it. What is raised is a crash: refusals are told."""
    file = path.read_bytes()
    try:
        state, cells = imported(file, path.name)
    except UnreadableFile as error:
        return Examined(error.reason, str(error))
    out = exported(state)
    producer, misreported = "", False
    by_value = "by_value" in state.report
    if state.manifest.format == "csv":
        changed = [] if out == file else ["the text"]
        checked = [_edited_text(state, file, edit) for edit in edits(state, path.name)]
    else:
        if by_value:  # nothing of its file comes back in the workbook: what is edited is the one made of it
            file = out
        before = packages.members(file)
        changed = packages.untouched(before, packages.members(out))
        producer = "" if by_value else packages.producer(before)
        misreported = not by_value and (state.report["container"] == "identical") != (out == file)
        chosen = edits(state, path.name)
        checked = [_edited_package(state, before, edit) for edit in chosen]
        if cells <= _OPENPYXL_CELLS and chosen:
            checked.append(_opened(state, file, chosen))
    whole = out == file and not by_value
    return Examined("", "", cells, tuple(changed), whole, tuple(checked), producer, misreported=misreported)


def imported(file: bytes, name: str) -> tuple[State, int]:
    """A file kept in memory as a revision is kept in the database: its state read back, and its cells.

    Raises UnreadableFile.
    """
    store = MemoryChunks()
    importing = State.importing(store, registry.read(BytesIO(file), name, Limits()), None)
    while True:
        try:
            next(importing)
        except StopIteration as made:
            state, cells = made.value
            return State.load(store, state.save()), cells


def exported(state: State) -> bytes:
    """The file of a state in its own format."""
    out = BytesIO()
    document = state.document()
    if document.format == "csv":
        csv.write_sheet(document.sheets[0], out)
    else:
        xlsx.write(document, out)
    return out.getvalue()


def _edited_package(state: State, before: packages.Members, edit: Edit) -> Edited:
    after = edit.applied(state)
    out = exported(after)
    sheet = next(n for n, one in enumerate(state.sheets) if one.id == edit.sheet)
    package = Package.decode(state.document().package)
    also, wrong = packages.difference(before, packages.members(out), package, sheet, edit)
    return Edited(edit.kind, edit.place(state), also, [*wrong, *_read_again(after, out, "edited.xlsx")])


def _edited_text(state: State, before: bytes, edit: Edit) -> Edited:
    after = edit.applied(state)
    out = exported(after)
    wrong = texts.changed(before, out, state.frame(edit.sheet), edit)
    return Edited(edit.kind, edit.place(state), [], [*wrong, *_read_again(after, out, "edited.csv")])


def _read_again(state: State, file: bytes, name: str) -> list[str]:
    """What the file of a state, read again, does not have as the state has it."""
    try:
        again, _ = imported(file, name)
    except UnreadableFile as error:
        return [f"read again: {error}"]
    if state.manifest.format == "csv" and state.frame(1) != again.frame(1):
        return []  # so short a file that one field decides what it is taken for
    wrong = []
    for sheet, other in zip(state.sheets, again.sheets, strict=True):
        differing = _first_difference(state.tree(sheet.id).rows(), again.tree(other.id).rows())
        if differing is not None:
            wrong.append(f"read again: row {differing + 1} of {sheet.name} is another")
    return wrong


def _first_difference(rows: Iterator[tuple[int, Row]], others: Iterator[tuple[int, Row]]) -> int | None:
    """The first row whose values, formulas or styles differ; rows that hold nothing count as none."""
    held, other_held = ((item for item in each if item[1].columns) for each in (rows, others))
    for one, other in zip_longest(held, other_held):
        if one is None or other is None or _content(*one) != _content(*other):
            return (one or other)[0]
    return None


def _content(index: int, row: Row) -> tuple[object, ...]:
    types = tuple(map(type, row.values))
    return index, row.columns, row.values, types, row.styles, row.formulas, row.computed


def _opened(state: State, file: bytes, chosen: list[Edit]) -> Edited:
    """All edits in one file: whether openpyxl, where it reads the file as it came, reads what was entered."""
    edited = Edited("all at once", "", [], [])
    try:
        before = _load(file)
    except Exception:  # whatever it cannot read says nothing about ours
        return edited
    for edit in chosen:
        state = edit.applied(state)
    out = exported(state)
    edited.wrong.extend(_read_again(state, out, "edited.xlsx"))
    try:
        book = _load(out)
    except Exception as error:
        edited.wrong.append(f"openpyxl no longer reads it: {type(error).__name__} {error}")
        return edited
    for edit in chosen:
        name = state.sheet(edit.sheet).name
        if name not in before or not _holds_cells(before[name] if edit.before != EMPTY else before):
            continue  # it does not read that sheet, or nothing in it
        found = _value(book[name].cell(edit.row + 1, edit.column + 1), book)
        if found not in (edit.content, _UNKNOWN):
            edited.wrong.append(f"openpyxl reads {found!r} in {edit.place(state)}")
    return edited


def _holds_cells(found: Any) -> bool:
    """Whether openpyxl found any cell in a sheet, or in any sheet of a workbook."""
    sheets = found.worksheets if isinstance(found, openpyxl.Workbook) else [found]
    return any(True for sheet in sheets for row in sheet.values for value in row if value is not None)


def _value(cell: Any, book: openpyxl.Workbook) -> object:
    """What openpyxl reads in a cell: a date as the number it is, nothing where it shows the cell's link."""
    if isinstance(cell, MergedCell):
        return _UNKNOWN
    if isinstance(cell.value, date | time | timedelta):
        return to_excel(cell.value, book.epoch)  # type: ignore[no-untyped-call]
    return None if cell.hyperlink and cell.value == cell.hyperlink.target else cell.value


def _load(file: bytes) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(BytesIO(file))
