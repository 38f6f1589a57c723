"""The process that reads an xls, xlsb or ods file with python-calamine, within limits of its own.

calamine_child.py FILE OUT CELLS BYTES MEMORY SECONDS

Rows go to the open file OUT in batches, each behind its size in four bytes: msgpack lists of
`[row, columns, values, styles]`. A JSON object on standard output tells of the sheets, or why there are none.
It imports nothing of Cellar's, so that it starts in a moment.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any, NamedTuple

import msgspec
import python_calamine as calamine

PREFIX = 4
MAX_TEXT = 32_767
"""Characters a cell holds."""

_PLAIN, _DAY, _MOMENT, _TIME, _ELAPSED = range(5)
"""Styles, as `typed_workbook.Style` numbers them."""
_BATCH = 500
_A_DAY = timedelta(days=1)
_EPOCH = datetime(1899, 12, 30)
_LEAP_DAY_THAT_NEVER_WAS = 60
_DURATION = re.compile(r"PT([0-9]{1,9})H([0-9]{1,2})M([0-9]{1,2}(?:\.[0-9]{1,9})?)S")
_TOO_SPARSE = "Cell limit exceeded"
"""How calamine says that a sheet is too large with all its empty cells."""
# By their text: calamine's enumerations cannot be keys.
_KINDS = {
    "SheetTypeEnum.WorkSheet": "worksheet",
    "SheetTypeEnum.ChartSheet": "chartsheet",
    "SheetTypeEnum.DialogSheet": "dialogsheet",
    "SheetTypeEnum.MacroSheet": "macrosheet",
}
_STATES = {
    "SheetVisibleEnum.Visible": "visible",
    "SheetVisibleEnum.Hidden": "hidden",
    "SheetVisibleEnum.VeryHidden": "veryHidden",
}

_Row = tuple[int, list[int], list[Any], list[int]]


class Bounds(NamedTuple):
    """What a file may take: cells, bytes of rows, bytes of memory, seconds of processor time."""

    cells: int
    bytes: int
    memory: int
    seconds: int


class Refused(Exception):
    """Why the file is not read, in a word."""


def main(path: str, descriptor: int, bounds: Bounds) -> dict[str, Any]:
    """Read the file; what is to be said of it."""
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds))
    with suppress(ValueError):  # not every system can
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.bytes, bounds.bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open(descriptor, "wb") as out:
            return _read(path, out, bounds.cells)
    except calamine.PasswordError:
        return {"refused": "encrypted"}
    except Refused as refused:
        return {"refused": str(refused)}
    except (MemoryError, OSError) as error:
        return {"refused": "broken" if isinstance(error, OSError) and error.errno is None else "demanding"}
    except BaseException as error:  # where calamine stumbles it raises what is no Exception
        return {"refused": "demanding" if str(error).startswith(_TOO_SPARSE) else "broken"}


def _read(path: str, out: Any, limit: int) -> dict[str, Any]:
    book = calamine.load_workbook(path)
    iso = path.endswith(".ods")
    sheets, cells = [], 0
    for at, told in enumerate(book.sheets_metadata):
        start, kind, merges = out.tell(), _KINDS.get(str(told.typ), "macrosheet"), []
        if kind == "worksheet":
            sheet = book.get_sheet_by_index(at)
            merges = [[*first, *last] for first, last in sheet.merged_cell_ranges or ()]
            batch: list[_Row] = []
            for row in _rows(sheet, iso):
                cells += len(row[1])
                if cells > limit:
                    raise Refused("cells")
                batch.append(row)
                if len(batch) == _BATCH:
                    _write(batch, out)
            _write(batch, out)
        state = _STATES[str(told.visible)]
        found = {"name": told.name, "state": state, "kind": kind, "merges": merges}
        sheets.append({**found, "start": start, "stop": out.tell()})
    return {"sheets": sheets, "cells": cells}


def _write(batch: list[_Row], out: Any) -> None:
    if batch:
        encoded = msgspec.msgpack.encode(batch)
        out.write(len(encoded).to_bytes(PREFIX, "little") + encoded)
        batch.clear()


def _rows(sheet: Any, iso: bool) -> Iterator[_Row]:
    """The rows that hold anything: calamine gives them from the first of the sheet on, and from the first
    column that holds anything."""
    first = sheet.start[1] if sheet.start else 0
    for index, values in enumerate(sheet.iter_rows()):
        columns, held, styles = [], [], []
        for column, value in enumerate(values, first):
            if value != "" or value is False:
                taken, style = _taken(value, iso)
                if taken is not None:
                    columns.append(column)
                    held.append(taken)
                    styles.append(style)
        if columns:
            yield index, columns, held, styles if any(styles) else []


def _taken(value: Any, iso: bool) -> tuple[Any, int]:
    """(the value as a cell keeps it, None where it keeps none, its style)."""
    match value:
        case bool() | int():
            return value, _PLAIN
        case float():
            return (value if isfinite(value) else None), _PLAIN
        case str():
            if len(value) > MAX_TEXT:
                raise Refused("text")
            if iso and (found := _DURATION.fullmatch(value)):
                hours, minutes, seconds = found.groups()
                return (int(hours) * 3600 + int(minutes) * 60 + float(seconds)) / 86_400, _ELAPSED
            return value, _PLAIN
        case datetime():
            return _serial(value, _MOMENT)
        case date():
            return _serial(datetime(value.year, value.month, value.day), _DAY)
        case time():
            span = timedelta(
                hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
            )
            return span / _A_DAY, _TIME
    return value / _A_DAY, _ELAPSED


def _serial(moment: datetime, style: int) -> tuple[float | int | str, int]:
    """A moment as the number of the 1900 system; as text where that has none."""
    days = (moment - _EPOCH) / _A_DAY
    if days < _LEAP_DAY_THAT_NEVER_WAS + 1:
        days -= 1
    if days < 1:
        return moment.isoformat(" "), _PLAIN
    return (int(days) if days == int(days) else days), style


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), Bounds(*map(int, sys.argv[3:])))), flush=True)
    os._exit(0)  # what a panic left behind is not tidied up
