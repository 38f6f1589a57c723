"""Runs: consecutive cells of one column, packed field by field as blocks keep them.

A run of a million equal cells is a few bytes, and one that a block holds is taken from it as it is, so
changes of very many cells need no object for each.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec

from app.sheet import plane
from app.sheet.cell import Cell, identical
from app.sheet.form import Form, Plane
from app.sheet.packing import unpack_value

Planes: TypeAlias = tuple[Plane, Plane, Plane, Plane, Plane]
"""Values, formulas, styles, extras and computed values, as `Cell` has them."""


class Field(NamedTuple):
    """How a field of cells is packed: its name in `Cell`, what stands for nothing, its encoder."""

    name: str
    blank: Any
    encode: Callable[[Sequence[Any]], Plane]


FIELDS = (
    Field("value", None, plane.encode),
    Field("formula", None, plane.encode),
    Field("style", 0, plane.encode_runs),
    Field("extra", None, plane.encode),
    Field("computed", None, plane.encode),
)
"""The fields of `Planes`, in their order there."""

CONTENT, LOOK = (0, 1, 3, 4), (2,)
"""The fields that a cell's look is no part of, and that which is its look."""

BLANK: Planes = tuple(field.encode([field.blank]) for field in FIELDS)  # type: ignore[assignment]
"""The planes of cells that hold nothing, however many."""

_encode = msgspec.msgpack.Encoder().encode


class Run(msgspec.Struct, frozen=True, gc=False):
    """`count` consecutive cells of a column, from the top."""

    count: int
    planes: Planes = BLANK

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Run":
        """The run of these cells."""
        columns = (field.encode([getattr(cell, field.name) for cell in cells]) for field in FIELDS)
        return cls(len(cells), tuple(columns))  # type: ignore[arg-type]

    def part(self, start: int, stop: int) -> "Run":
        """The cells from `start` up to `stop`, which lie within the run."""
        if stop - start == self.count:
            return self
        planes = (
            one if _is_constant(one) else field.encode(plane.decode_part(one, self.count, start, stop))
            for field, one in zip(FIELDS, self.planes, strict=True)
        )
        return Run(stop - start, tuple(planes))  # type: ignore[arg-type]

    @property
    def is_constant(self) -> bool:
        """Whether all cells are the same, as far as can be told without looking at each."""
        return all(map(_is_constant, self.planes))

    @property
    def formulas(self) -> int:
        """How many cells hold a formula."""
        if _is_constant(self.planes[1]):
            return 0 if self.planes[1][1] is None else self.count
        return self.count - self.column(1).count(None)

    def column(self, field: int) -> list[Any]:
        """What each cell has in a field, by its place in `FIELDS`."""
        return plane.decode(self.planes[field], self.count)

    def cells(self) -> Iterator[Cell]:
        """Every cell, from the top."""
        if self.is_constant:
            value, formula, style, extra, computed = (unpack_value(one[1]) for one in self.planes)
            cell = Cell(value, formula, computed, style, extra)  # type: ignore[arg-type]
            return (cell for _ in range(self.count))
        return (
            Cell(value, formula, computed, style, extra)
            for value, formula, style, extra, computed in zip(*map(self.column, range(5)), strict=True)
        )

    def differing(self, other: "Run", fields: Iterable[int] = range(5)) -> list[bool] | bool:
        """For each cell whether it differs in any of the fields from the other run's, of as many cells.

        A bool where all of them do or none does. To the last detail: 1, 1.0 as text wrote it and TRUE
        are three.
        """
        found: list[bool] | None = None
        for at in fields:
            if same_planes(self.planes[at : at + 1], other.planes[at : at + 1]):
                continue
            if _is_constant(self.planes[at]) and _is_constant(other.planes[at]):
                return True
            pairs = zip(self.column(at), other.column(at), strict=True)
            differ = [not identical(one, two) for one, two in pairs]
            found = differ if found is None else [a or b for a, b in zip(found, differ, strict=True)]
        if found is None:
            return False
        return True if all(found) else found

    def chosen(self, other: "Run", mine: Sequence[bool]) -> "Run":
        """The run of this one's cells where `mine` says so, and the other's elsewhere."""
        planes = (
            one
            if same_planes([one], [two])
            else field.encode(
                [a if own else b for own, a, b in zip(mine, self.column(at), other.column(at), strict=True)]
            )
            for at, (field, one, two) in enumerate(zip(FIELDS, self.planes, other.planes, strict=True))
        )
        return Run(self.count, tuple(planes))  # type: ignore[arg-type]

    def restyled(self, style_of: Callable[[int], int]) -> "Run":
        """The same cells with other styles; style_of: gives the number of a style's successor."""
        values, formulas, styles, extras, computed = self.planes
        known = styles[1:] if _is_constant(styles) else self.column(LOOK[0])
        encoded = FIELDS[LOOK[0]].encode([style_of(style) for style in known])
        return Run(self.count, (values, formulas, encoded, extras, computed))


def joined(runs: Sequence[Run]) -> Run:
    """One run of several, one below the other."""
    runs = [run for run in runs if run.count]
    if len(runs) == 1:
        return runs[0]
    count = sum(run.count for run in runs)
    if all(run.is_constant and same_planes(run.planes, runs[0].planes) for run in runs):
        return Run(count, runs[0].planes)
    planes = (
        field.encode([item for run in runs for item in run.column(at)]) for at, field in enumerate(FIELDS)
    )
    return Run(count, tuple(planes))  # type: ignore[arg-type]


def same_planes(one: Sequence[Plane], other: Sequence[Plane]) -> bool:
    """Whether planes of as many cells hold the same to the last detail; equality would take 1 for TRUE."""
    return one is other or _encode(one) == _encode(other)


def _is_constant(one: Plane) -> bool:
    return Form(one[0]) is Form.CONSTANT
