"""A workbook's state in a chunk store: what a revision is a revision of."""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, count, islice

import msgspec

from app.sheet.cell import Cell
from app.sheet.column_edit import ColumnEdit, Replay
from app.sheet.document import Document, SheetSource
from app.sheet.operations import CellOperation, ClearCells, FillRange, Restyled, SetStyle
from app.sheet.row import Row
from app.sheet.step import CellStep, ColumnsChanged, cells_changed, columns_changed
from app.sheet.strip import CellChange
from app.store import manifest as manifests
from app.store.manifest import Manifest, Source, StoredParts, StoredSheet
from app.store.protocol import ChunkStore
from app.store.sheet_pairs import sheet_pairs
from app.store.tree import Tree

_COUNTED_AT_ONCE = 64
_MANY = 1_000
"""Cells from which on a range is edited by columns; fewer share blocks better when edited as cells."""


class SheetNotFound(LookupError):
    """The workbook has no such sheet in this revision; `sheet` is the id that was asked for."""

    def __init__(self, sheet: int) -> None:
        super().__init__(f"This revision has no sheet {sheet}. Reload to see the sheets it has.")
        self.sheet = sheet


class State:
    """All sheets and parts of a workbook at one revision. Immutable: changes give another state."""

    def __init__(self, store: ChunkStore, manifest: Manifest, root: bytes | None = None) -> None:
        self.store = store
        self.manifest = manifest
        self._root = root

    @classmethod
    def load(cls, store: ChunkStore, root: bytes) -> "State":
        """The state whose manifest is at `root`. Raises MissingChunk or CorruptChunk."""
        return cls(store, manifests.load(store, root), root)

    @classmethod
    def importing(
        cls, store: ChunkStore, document: Document, source: Source | None, older: "State | None" = None
    ) -> Generator[None, None, tuple["State", int]]:
        """Keep a document; pauses now and then, and returns the state and how many cells it has.

        older: the state whose place it takes. Sheets that continue others keep their ids, and their names
        where the format has none; what is the same is shared, what is similar is kept as a patch.
        """
        cells = 0
        sheets = []
        was = older.manifest if older else None
        pairs = _pairs(document, older)
        ids = count(was.next_sheet if was else 1)
        for sheet, pair in zip(document.sheets, pairs, strict=True):
            counter = _Counter(sheet.rows())
            tree = yield from Tree.building(store, counter, older.tree(pair.id) if older and pair else None)
            cells += counter.cells
            sheets.append(
                StoredSheet(
                    pair.id if pair else next(ids),
                    pair.name if pair and document.format == "csv" else sheet.name,
                    sheet.state,
                    sheet.kind,
                    store.put(sheet.frame, pair.frame if pair else None),
                    tree.root,
                    tree.pending,
                    counter.columns,
                    counter.formulas,
                )
            )
        manifest = Manifest(
            document.format,
            sheets,
            store.put(document.package, was.package if was else None),
            manifests.save_parts_over(store, document.parts, older.parts)
            if older
            else manifests.save_parts(store, document.parts),
            store.put(msgspec.json.encode(document.report), was.report if was else None),
            next(ids),
            document.stale,
            source,
        )
        return cls(store, manifest), cells

    def save(self, replaces: bytes | None = None) -> bytes:
        """Keep the state's manifest, as a patch of the one at `replaces`; returns the root's address."""
        if self._root is None:
            self._root = manifests.save(self.store, self.manifest, replaces)
        return self._root

    @property
    def sheets(self) -> Sequence[StoredSheet]:
        """The sheets, in the order of their tabs."""
        return self.manifest.sheets

    def sheet(self, sheet: int) -> StoredSheet:
        """The sheet of an id. Raises SheetNotFound."""
        for found in self.manifest.sheets:
            if found.id == sheet:
                return found
        raise SheetNotFound(sheet)

    def tree(self, sheet: int) -> Tree:
        """The rows of a sheet. Raises SheetNotFound."""
        found = self.sheet(sheet)
        return Tree(self.store, found.rows, found.pending)

    def frame(self, sheet: int) -> bytes:
        """The frame of a sheet. Raises SheetNotFound."""
        return self.store.get(self.sheet(sheet).frame)

    @property
    def parts(self) -> StoredParts:
        """The parts its package refers to, fetched one at a time."""
        return StoredParts(self.store, self.manifest.parts)

    @property
    def report(self) -> dict[str, object]:
        """What there was to say of the file it came from."""
        return msgspec.json.decode(self.store.get(self.manifest.report), type=dict[str, object])

    def applied(self, operation: CellOperation) -> tuple["State", CellStep]:
        """The state after an operation, and what it changed. Raises SheetNotFound and what it raises."""
        if isinstance(operation, FillRange | ClearCells) and operation.area.size > _MANY:
            return self.with_columns(operation.sheet, operation.edit())
        step = cells_changed(operation.sheet, operation.changes(self.tree(operation.sheet)))
        return self.with_changes(step), step

    def styled(self, operation: SetStyle, restyled: Restyled) -> tuple["State", CellStep]:
        """The state after the look of cells changed, and what changed. Raises SheetNotFound.

        restyled: gives the number of the style that has a change over another; to keep what it made for
        that is the caller's.
        """
        tree = self.tree(operation.sheet)
        operation = operation.within(tree.count, self.sheet(operation.sheet).columns)
        if operation.area.size > _MANY:
            return self.with_columns(operation.sheet, operation.edit(restyled))
        step = cells_changed(operation.sheet, operation.changes(tree, restyled))
        return self.with_changes(step), step

    def with_package(
        self, sheets: Sequence[StoredSheet], package: bytes, parts: Mapping[int, bytes]
    ) -> "State":
        """The state with other sheets, another package around them and other parts by their index.

        Parts are only replaced or added behind the last, so that an older package still fits them.
        """
        manifest = msgspec.structs.replace(
            self.manifest,
            sheets=sheets,
            package=self.store.put(package, self.manifest.package),
            parts=manifests.with_parts(self.store, self.manifest.parts, parts),
            next_sheet=max(self.manifest.next_sheet, *(sheet.id + 1 for sheet in sheets)),
        )
        return State(self.store, manifest)

    def with_changes(self, step: CellStep) -> "State":
        """The state after cells of one sheet changed. Raises SheetNotFound."""
        if isinstance(step, ColumnsChanged):
            return self.with_columns(step.sheet, Replay(step))[0]
        if not step.cells:
            return self
        rows: dict[int, dict[int, Cell]] = {}
        for change in step.cells:
            rows.setdefault(change.row, {})[change.column] = change.after
        tree = self.tree(step.sheet).with_cells(rows)
        columns = max(change.column + 1 for change in step.cells)
        entered = any(change.enters for change in step.cells)
        return self._edited(step.sheet, tree, columns, sum(map(_formulas_gained, step.cells)), entered)

    def with_columns(self, sheet: int, edit: ColumnEdit) -> tuple["State", ColumnsChanged]:
        """The state after an edit of very many cells of a sheet, and what changed. Raises SheetNotFound."""
        tree, strips = self.tree(sheet).with_columns(edit)
        step = columns_changed(sheet, strips)
        if not step.strips:
            return self, step
        columns = max(strip.column + 1 for strip in step.strips)
        gained = sum(strip.after.formulas - strip.before.formulas for strip in step.strips)
        entered = any(strip.enters for strip in step.strips)
        return self._edited(sheet, tree, columns, gained, entered), step

    def _edited(self, sheet: int, tree: Tree, columns: int, formulas: int, entered: bool) -> "State":
        """The state with other rows in a sheet, which reach to a column and hold so many more formulas.

        entered: whether more than looks changed.
        """
        sheets = [
            msgspec.structs.replace(
                one,
                rows=tree.root,
                pending=tree.pending,
                columns=max(one.columns, columns),
                formulas=one.formulas + formulas,
                edited=True,
            )
            if one.id == sheet
            else one
            for one in self.manifest.sheets
        ]
        # Without an engine, which formulas depend on an edited cell cannot be told: all of them may.
        stale = self.manifest.stale or (entered and any(one.formulas for one in sheets))
        return State(self.store, msgspec.structs.replace(self.manifest, sheets=sheets, stale=stale))

    def document(self) -> Document:
        """The state as its format's writer takes it, read lazily."""
        return Document(
            self.manifest.format,
            [
                SheetSource(
                    sheet.name,
                    self.store.get(sheet.frame),
                    partial(self.tree(sheet.id).rows),
                    sheet.state,  # type: ignore[arg-type]
                    sheet.kind,
                    sheet.edited,
                )
                for sheet in self.manifest.sheets
            ],
            self.store.get(self.manifest.package),
            self.parts,
            self.manifest.stale,
        )


def _pairs(document: Document, older: State | None) -> Sequence[StoredSheet | None]:
    """For each sheet of a document the one it continues; None for a new one."""
    if older is None:
        return [None] * len(document.sheets)
    return sheet_pairs(document, older.sheets, lambda sheet: older.tree(sheet.id).rows())


class _Counter:
    """Passes rows on, some at a time, and keeps count of what they hold."""

    def __init__(self, rows: Iterable[tuple[int, Row]]) -> None:
        self._rows = iter(rows)
        self.cells = self.columns = self.formulas = 0

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return chain.from_iterable(iter(self._counted, []))

    def _counted(self) -> list[tuple[int, Row]]:
        batch = list(islice(self._rows, _COUNTED_AT_ONCE))
        shapes = [row.columns for _, row in batch]
        self.cells += sum(map(len, shapes))
        self.columns = max(self.columns, *(shape[-1] + 1 for shape in shapes if shape), 0)
        self.formulas += sum([len(row.formulas) for _, row in batch])
        return batch


def _formulas_gained(change: CellChange) -> int:
    return (change.after.formula is not None) - (change.before.formula is not None)
