"""xls, xlsb and ods: values, dates and merged cells are taken in; the file itself is kept beside them.

python-calamine reads them, in a process of its own: it holds whole sheets with all their empty cells, and a
damaged file may make it take any memory or end its process. That one has limits, and its end is a refusal.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Literal, NamedTuple, cast

import msgspec

from app.formats import calamine_child, guard
from app.formats.calamine_child import PREFIX
from app.formats.guard import Limits
from app.formats.typed_workbook import TypedSheet, workbook_of
from app.formats.xlsx.container import Archive
from app.sheet.document import Document, SheetState
from app.sheet.row import Row

Format = Literal["xls", "xlsb", "ods"]

_NAMES: dict[Format, str] = {"xls": "The old Excel format .xls", "xlsb": "The binary format .xlsb"}
_NAMES["ods"] = "The OpenDocument format .ods"
_MEMORY = 1024 * guard.MIB
_SECONDS = 120
_STATES: tuple[SheetState, ...] = ("visible", "hidden", "veryHidden")


class _Output:
    """A file without a name, which is gone with the last of the sheets that read from it."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self.descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self.descriptor)


class _Sheet(NamedTuple):
    """A sheet as the process tells of it: `start` and `stop` are places in its output."""

    name: str
    state: SheetState
    kind: str
    merges: list[list[int]]
    start: int
    stop: int


def read(file: BinaryIO, format: Format, limits: Limits) -> Document:
    """The values of a seekable file in one of the formats. Raises UnreadableFile."""
    if format != "xls":
        _unpack(Archive(file, limits))
    out = _Output()
    told = _carried_out(file, format, out, limits)
    if refused := told.get("refused"):
        raise _REFUSALS[refused](format, limits)
    found = [_Sheet(**sheet) for sheet in told["sheets"]]
    taken = [sheet for sheet in found if sheet.kind == "worksheet"]
    if not taken:
        raise guard.broken("it has no sheets with cells")
    sheets = [TypedSheet(one.name, _rows(out, one), one.state, one.merges) for one in taken]
    return workbook_of(sheets, _report(format, found, told["cells"]))


def _unpack(archive: Archive) -> None:
    """Hold what a zip file unpacks to against the limits, before somebody else unpacks it."""
    for at in range(len(archive.members)):
        for _ in archive.pieces(at):
            pass


def _carried_out(file: BinaryIO, format: Format, out: _Output, limits: Limits) -> dict[str, Any]:
    """What the process says of a file whose rows it writes to `out`."""
    with tempfile.NamedTemporaryFile(suffix=f".{format}") as named:
        file.seek(0)
        shutil.copyfileobj(file, named)
        named.flush()
        bounds = calamine_child.Bounds(limits.cells, limits.unpacked_bytes, _MEMORY, _SECONDS)
        command = [
            sys.executable,
            "-I",
            calamine_child.__file__,
            named.name,
            str(out.descriptor),
            *map(str, bounds),
        ]
        try:
            done = subprocess.run(  # noqa: S603 — our own program
                command, capture_output=True, pass_fds=(out.descriptor,), timeout=2 * _SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return {"refused": "demanding"}
    if done.returncode:
        return {"refused": "demanding"}
    return cast(dict[str, Any], json.loads(done.stdout))


def _rows(out: _Output, sheet: _Sheet) -> Callable[[], Iterator[tuple[int, Row]]]:
    """What reads a sheet's rows, each time from its start."""

    def rows() -> Iterator[tuple[int, Row]]:
        at = sheet.start
        while at < sheet.stop:
            size = int.from_bytes(os.pread(out.descriptor, PREFIX, at), "little")
            batch = _DECODER.decode(os.pread(out.descriptor, size, at + PREFIX))
            at += PREFIX + size
            for index, columns, values, styles in batch:
                yield index, Row(columns, values, styles)

    return rows


_DECODER = msgspec.msgpack.Decoder(
    list[tuple[int, tuple[int, ...], tuple[bool | int | float | str, ...], tuple[int, ...]]]
)


def _report(format: Format, sheets: list[_Sheet], cells: int) -> dict[str, object]:
    warnings = [
        f"{_NAMES[format]} is imported by value: sheets, values, dates and merged cells are here. Formulas, "
        "looks, charts and all else are in the uploaded file only, which is kept and can be downloaded. "
        "Cells with an error such as #N/A are empty here."
    ]
    warnings += [
        f"“{sheet.name}” is a {sheet.kind}: it is in the uploaded file only."
        for sheet in sheets
        if sheet.kind != "worksheet"
    ]
    listed = [{"name": sheet.name, "kind": sheet.kind} for sheet in sheets]
    return {"by_value": format, "sheets": listed, "cells": cells, "warnings": warnings}


_REFUSALS: dict[str, Callable[[Format, Limits], guard.UnreadableFile]] = {
    "encrypted": lambda _, __: guard.encrypted(),
    "broken": lambda format, _: guard.broken(f"it cannot be read as .{format}"),
    "cells": lambda _, limits: guard.too_large("cells", limits.cells),
    "text": lambda _, __: guard.too_large("characters in a cell", calamine_child.MAX_TEXT),
    "demanding": lambda format, _: guard.too_demanding(_NAMES[format]),
}
