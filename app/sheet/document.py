"""What a file reader hands over and a file writer is given: a workbook as rows, frames and parts.

Readers make a `Document` and the store keeps it; the store makes a `Document` of any revision and
writers turn it into a file. `frame` and `package` are bytes that only the format itself understands.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from app.sheet.row import Row

SheetState = Literal["visible", "hidden", "veryHidden"]


class SheetSource(msgspec.Struct, frozen=True):
    """One sheet of a file.

    name: as its tab shows it. state: whether the tab shows. kind: "worksheet", or what else the
    format has ("chartsheet", "dialogsheet", …), which is carried and has no cells.
    frame: everything about the sheet that is not cells, in its format's own bytes.
    rows: gives a fresh iteration of (zero-based row, Row), ascending; rows that hold nothing are
    left out. May be called more than once, and reads lazily.
    edited: for writers: whether rows or frame differ from what the reader handed over.
    """

    name: str
    frame: bytes
    rows: Callable[[], Iterable[tuple[int, Row]]]
    state: SheetState = "visible"
    kind: str = "worksheet"
    edited: bool = False


class Document(msgspec.Struct, frozen=True):
    """A whole file.

    format: "xlsx", "csv" or "blank"; says who understands `package` and the frames.
    package: the container (member names, order, flags), in its format's own bytes.
    parts: what the package refers to by position: every piece that is carried byte for byte. May be
    a lazy sequence; parts are fetched one at a time.
    stale: for writers: computed values may not fit what was entered since, so readers of the file
    must recalculate.
    report: for readers: what a person should know of the import, as JSON-ready values.
    by_value: for readers: only values were taken from the file, which must be kept to come back.
    """

    format: str
    sheets: Sequence[SheetSource]
    package: bytes = b""
    parts: Sequence[bytes] = ()
    stale: bool = False
    report: dict[str, object] = {}
    by_value: bool = False
