"""Claims about walking all that a state is made of."""

import msgspec
import pytest
from msgspec.structs import replace

from app.sheet import changeset as changesets
from app.sheet.cell import Cell
from app.sheet.changeset import Changeset
from app.sheet.document import Document, SheetSource
from app.sheet.row import row_of
from app.sheet.step import Imported, cells_changed
from app.sheet.strip import CellChange
from app.store.block import Block
from app.store.manifest import Source, save_parts
from app.store.memory import MemoryChunks
from app.store.node import EMPTY_NODE
from app.store.pending import Pending
from app.store.protocol import CorruptChunk, MissingChunk
from app.store.state import State
from app.store.walk import Fault, Kind, Reference, Walk, inside, prove


def kept(rows=1_500):
    """A store, and a state in it that has every kind of chunk; of so many rows the tree has two levels."""
    cells = [
        (row, row_of({0: Cell(f"{row * row:2000}"), 1: Cell(formula="1+1", computed=row)}))
        for row in range(rows)
    ]
    sheets = [SheetSource("One", b"frame", lambda: iter(cells)), SheetSource("Two", b"", tuple)]
    document = Document("xlsx", sheets, b"package", [b"part 1", b"part 2"], report={"cells": 1})
    store = MemoryChunks()
    source = Source("a.xlsx", 9, b"\x01" * 32, save_parts(store, [b"piece 1", b"piece 2"]))
    importing = State.importing(store, document, source)
    while True:
        try:
            next(importing)
        except StopIteration as done:
            return store, done.value[0]


def root_of(state):
    return Reference(Kind.MANIFEST, state.save())


def walked(store, root, *, deep):
    walk = Walk(store, deep=deep)
    return walk, walk.faults(root)


@pytest.mark.parametrize("deep", [True, False])
def test_everything_is_reached(deep):
    """A walk meets every chunk of a state, each by its kind, and no other."""
    store, state = kept()
    root = root_of(state)
    store.put(b"not of this state")
    walk, faults = walked(store, root, deep=deep)
    assert faults == frozenset()
    assert len(walk.kinds) == len(store.chunks) - 1
    assert set(walk.kinds.values()) == set(Kind) - {Kind.CHANGESET}
    assert store.get(next(one for one, kind in walk.kinds.items() if kind is Kind.PACKAGE)) == b"package"


def test_every_loss_is_a_fault():
    """Without any one of its chunks a state is not whole, and the fault names the chunk."""
    store, state = kept(200)
    root = root_of(state)
    for address, raw in list(store.chunks.items()):
        del store.chunks[address]
        _, faults = walked(store, root, deep=True)
        assert faults == {Fault(address, missing=True, detail=str(MissingChunk(address)))}
        store.chunks[address] = raw


def test_shared_chunks_are_read_once():
    """What two states have in common is read for the first alone; its faults are those of both."""
    store, state = kept(200)
    first = root_of(state)
    second = Reference(Kind.MANIFEST, State(store, replace(state.manifest, stale=True)).save())
    del store.chunks[state.manifest.package]
    reads = []
    get = store.get
    store.get = lambda address: reads.append(address) or get(address)
    store.get_many = lambda _addresses: {}
    walk = Walk(store, deep=True)
    faults = walk.faults(first)
    assert len(faults) == 1
    reads.clear()
    assert walk.faults(second) == faults
    assert reads == [second.address]


def with_sheet(state, **changes):
    """The state, its first sheet changed."""
    first, *others = state.manifest.sheets
    return with_manifest(state, sheets=[replace(first, **changes), *others])


def with_rows(state, **changes):
    """The state, the root node of its first sheet changed: each field by what it was."""
    rows = state.manifest.sheets[0].rows
    fields = {field: change(getattr(rows, field)) for field, change in changes.items()}
    return with_sheet(state, rows=replace(rows, **fields))


def with_manifest(state, **changes):
    """The state, its manifest changed."""
    return State(state.store, replace(state.manifest, **changes))


def with_pending(state, *rows, address=b"\x01", computed=b""):
    """The state, replacements pending in its first sheet: for each row, the address of 16 equal bytes."""
    return with_sheet(state, pending=Pending(rows, address * 16 * len(rows), computed))


CONTRADICTIONS = {
    "more rows than its blocks": lambda s: with_rows(s, counts=lambda counts: [n + 1 for n in counts]),
    "children without rows": lambda s: with_rows(s, counts=lambda counts: [0] * len(counts)),
    "too few counts": lambda s: with_rows(s, counts=lambda counts: counts[1:]),
    "half an address": lambda s: with_rows(s, addresses=lambda addresses: addresses[:-1]),
    "companions of nodes": lambda s: with_rows(s, computed=lambda _: s.manifest.sheets[0].rows.addresses),
    "too few companions": lambda s: with_rows(s, computed=lambda _: b"\x01"),
    "a level too low": lambda s: with_rows(s, level=lambda level: level - 1),
    "a level too high": lambda s: with_rows(s, level=lambda level: level + 1),
    "a level below zero": lambda s: with_rows(s, level=lambda _: -1),
    "gaps among nodes": lambda s: with_rows(s, addresses=lambda addresses: bytes(len(addresses))),
    "pending where no block begins": lambda s: with_pending(s, 1),
    "pending beyond the end": lambda s: with_pending(s, 1_500),
    "pending out of order": lambda s: with_pending(s, 0, 0),
    "pending before the first row": lambda s: with_pending(s, -1),
    "half a pending address": lambda s: with_sheet(s, pending=Pending((0,), b"123")),
    "too few pending companions": lambda s: with_pending(s, 0, computed=b"\x01"),
    "pending blocks of other heights": lambda s: with_sheet(
        s, pending=Pending((0,), s.store.put(Block.of([row_of({0: Cell(1)})]).encode()[0]))
    ),
    "pending beside blocks": lambda s: with_sheet(s, rows=EMPTY_NODE, pending=Pending((0,), bytes(16))),
    "sheets of one id": lambda s: with_sheet(s, id=2),
    "an id to come": lambda s: with_sheet(s, id=9),
    "half a list of parts": lambda s: with_manifest(s, parts=s.store.put(b"123")),
    "a report that is none": lambda s: with_manifest(s, report=s.store.put(b"[1]")),
}


def test_what_is_pending_is_reached_and_what_it_replaces_is_not():
    """A state needs the blocks that wait beside its root, and not those that its nodes still name."""
    store, state = kept()
    before = set(store.chunks)
    edited = state.with_changes(cells_changed(1, [CellChange(700, 0, Cell(), Cell("new"))]))
    root = root_of(edited)
    walk, faults = walked(store, root, deep=True)
    new = set(store.chunks) - before - {root.address}
    assert (faults, len(new), new <= walk.kinds.keys()) == (frozenset(), 1, True)
    assert len(before - walk.kinds.keys()) == 1
    for address in new | before:
        raw = store.chunks.pop(address)
        _, faults = walked(store, root, deep=True)
        assert {fault.address for fault in faults} == {address} & walk.kinds.keys()
        store.chunks[address] = raw


@pytest.mark.parametrize("change", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_contradictions_are_faults(change):
    """Chunks that are what their addresses say, and contradict each other, are faults and nothing worse."""
    store, state = kept()
    assert state.manifest.sheets[0].rows.level == 1
    _, faults = walked(store, root_of(change(state)), deep=True)
    assert faults
    assert not any(fault.missing for fault in faults)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode([1, 2, [], [], [], [], [0, ""]]),
        msgspec.msgpack.encode([9, 2, [], [], [], [], [0, ""], [0, None]]),
        msgspec.msgpack.encode([1, 3, [], [], [], [], [0, ""], [0, None]]),
        msgspec.msgpack.encode([1, 2, [[0, [99]]], [], [], [], [0, ""], [0, None]]),
        msgspec.msgpack.encode([1, 2, [[0, [1, [5]]], [1, [0, 1]]], [], [], [], [0, ""], [0, None]]),
        msgspec.msgpack.encode([1, 2, [[0, "x"]], [], [], [], [0, ""], [0, None]]),
        msgspec.msgpack.encode([1, 2, [], [], [], [], [0, ""], [1, [7, 7]]]),
        msgspec.msgpack.encode([1, 2, [[0, [1, [5, 6, 7]]]], [], [], [], [0, ""], [0, None]]),
        msgspec.msgpack.encode([1, 2, [], [], [[0, [1, [5]]]], [], [0, ""], [0, None]]),
    ],
)
def test_what_is_no_block_is_corrupt(raw):
    """Bytes that are kept whole and are no block of two rows raise CorruptChunk and nothing else."""
    store = MemoryChunks()
    with pytest.raises(CorruptChunk):
        prove(store, Reference(Kind.BLOCK, store.put(raw), rows=2))


def test_changesets_are_proved():
    """A changeset's chunk decodes, or is corrupt; it refers to nothing."""
    store = MemoryChunks()
    sound = Reference(Kind.CHANGESET, store.put(changesets.encode(Changeset((Imported("a.csv", 1, 2),)))))
    prove(store, sound)
    assert inside(store, sound) == ()
    with pytest.raises(CorruptChunk):
        prove(store, Reference(Kind.CHANGESET, store.put(b"\x91\x07")))
