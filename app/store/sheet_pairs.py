"""Which sheets of a file continue which sheets of a state: by name, then by first rows, then by place.

A sheet that continues another keeps its id, so its history goes on, and shares its blocks.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from app.sheet.document import Document, SheetSource
from app.sheet.row import Row
from app.store.manifest import StoredSheet

_FIRST_ROWS = 20
"""Rows by which a sheet of another name is recognised, where half of them are the same."""
_ALIKE = 0.5


def sheet_pairs(
    document: Document, old: Sequence[StoredSheet], rows: Callable[[StoredSheet], Iterable[tuple[int, Row]]]
) -> list[StoredSheet | None]:
    """For each sheet of a document the one before that it continues; None for a sheet that is new.

    rows: gives the rows of an old sheet.
    """
    left = {sheet.name: sheet for sheet in reversed(old)}
    pairs = [_taken(left, sheet.name, sheet) for sheet in document.sheets]
    alone = [at for at, pair in enumerate(pairs) if pair is None]
    if alone and left:
        firsts = {name: _first_rows(rows(sheet)) for name, sheet in left.items()}
        for at in alone:
            mine = _first_rows(document.sheets[at].rows())
            score, name = max(((_likeness(mine, firsts[name]), name) for name in left), default=(0.0, ""))
            if score >= _ALIKE:
                pairs[at] = _taken(left, name, document.sheets[at])
        for at in alone:
            if pairs[at] is None and at < len(old):
                pairs[at] = _taken(left, old[at].name, document.sheets[at])
    return pairs


def _taken(left: dict[str, StoredSheet], name: str, sheet: SheetSource) -> StoredSheet | None:
    """The sheet of a name, which is left no longer, where it is of the same kind as the new one."""
    return left.pop(name) if name in left and left[name].kind == sheet.kind else None


def _first_rows(rows: Iterable[tuple[int, Row]]) -> list[tuple[object, ...]]:
    """What the first rows hold."""
    return [tuple(row.values) for _, row in islice(rows, _FIRST_ROWS)]


def _likeness(ours: list[tuple[object, ...]], theirs: list[tuple[object, ...]]) -> float:
    """How much of two lists of rows is the same, from 0 to 1; nothing is like nothing to no degree."""
    known = [row for row in ours if row in theirs]
    return len(known) / max(1, len(ours), len(theirs))
