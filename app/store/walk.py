"""Walking all that states are made of, by kind of chunk, each thing once however many states share it.

A reference is a chunk and what the one that refers to it says of it. `Walk` follows references from a
root and tells, for each, the faults anywhere below it; so the revisions that a fault hurts are those
whose root it is below.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import msgspec

from app.sheet import changeset as changesets
from app.store import manifest as manifests
from app.store.block import Block
from app.store.node import Node
from app.store.pending import NOTHING, Pending, load_with
from app.store.protocol import ADDRESS_BYTES, NOWHERE, ChunkStore, CorruptChunk, MissingChunk

_BATCH = 64


class Kind(StrEnum):
    """What a chunk holds, see `docs/formats.md`."""

    MANIFEST = "manifest"
    NODE = "node"
    BLOCK = "block"
    COMPANION = "companion"
    FRAME = "frame"
    PACKAGE = "package"
    PARTS = "parts"
    PART = "part"
    ORIGINAL = "original"
    PIECE = "piece"
    REPORT = "report"
    CHANGESET = "changeset"


class Reference(NamedTuple):
    """A chunk as another one, or a revision, refers to it.

    companion: a block's computed values, NOWHERE where it has none. rows: how many rows a node or a
    block has to cover. level: a node's. pending: what is replaced in and below a node, beside its root:
    blocks that are replaced are not reached.
    """

    kind: Kind
    address: bytes
    companion: bytes = NOWHERE
    rows: int = 0
    level: int = 0
    pending: Pending = NOTHING


class Fault(NamedTuple):
    """A chunk that is not what it should be: gone, or (with the reason) damaged."""

    address: bytes
    missing: bool
    detail: str


Faults = frozenset[Fault]
_SOUND: Faults = frozenset()


class Walk:
    """A walk over everything that references lead to.

    store: may be replaced by one that knows newer chunks too. deep: read every chunk and prove that it is
    what its kind says. Otherwise only manifests, nodes and lists of parts are read, which is enough to
    know what is reachable where they are sound.
    """

    def __init__(self, store: ChunkStore, *, deep: bool) -> None:
        self.store = store
        self._deep = deep
        self._known: dict[Reference, Faults] = {}
        self.kinds: dict[bytes, Kind] = {}
        """Every address met so far; the kind it was first met as (equal bytes may serve as several)."""

    def faults(self, reference: Reference) -> Faults:
        """All faults at a reference and below it."""
        known = self._known.get(reference)
        if known is not None:
            return known
        self.kinds.setdefault(reference.address, reference.kind)
        if reference.companion != NOWHERE:
            self.kinds.setdefault(reference.companion, Kind.COMPANION)
        found: set[Fault] = set()
        try:
            below = inside(self.store, reference)
            if self._deep and reference.kind in _LEAVES:
                prove(self.store, reference)
        except (MissingChunk, CorruptChunk) as error:
            below = ()
            found.add(Fault(error.address, isinstance(error, MissingChunk), str(error)))
        for at, child in enumerate(below):
            if at % _BATCH == 0:
                self._bring_near(below[at : at + _BATCH])
            found |= self.faults(child)
        self._known[reference] = frozenset(found) if found else _SOUND
        return self._known[reference]

    def _bring_near(self, references: Sequence[Reference]) -> None:
        """Have the store fetch in one go what will be read next. Parts may be large: they come one by one."""
        wanted = {
            address
            for reference in references
            if reference not in self._known
            and (reference.kind is Kind.NODE or (self._deep and reference.kind is Kind.BLOCK))
            for address in (reference.address, reference.companion)
            if address != NOWHERE
        }
        bring_near(self.store, wanted)


def bring_near(store: ChunkStore, addresses: Iterable[bytes]) -> None:
    """Have a store with a cache fetch chunks in one go; a damaged one is told when it is read itself."""
    try:
        store.get_many(addresses)
    except (MissingChunk, CorruptChunk):
        return


def inside(store: ChunkStore, reference: Reference) -> Sequence[Reference]:
    """What a chunk refers to, in order; nothing is read of kinds that refer to nothing.

    Raises MissingChunk, and CorruptChunk also where the chunk contradicts itself or the reference.
    """
    address = reference.address
    match reference.kind:
        case Kind.MANIFEST:
            return _inside_manifest(store, address)
        case Kind.NODE:
            node = load_with(store, address, reference.pending)
            if (node.level, node.count) != (reference.level, reference.rows):
                raise CorruptChunk(
                    address,
                    f"it covers {node.count} rows at level {node.level}, its parent says "
                    f"{reference.rows} rows at level {reference.level}",
                )
            return _inside_node(node, address, reference.pending)
        case Kind.PARTS | Kind.ORIGINAL:
            listed = store.get(address)
            if len(listed) % ADDRESS_BYTES:
                raise CorruptChunk(address, "it is no list of parts")
            kind = Kind.PART if reference.kind is Kind.PARTS else Kind.PIECE
            cuts = range(0, len(listed), ADDRESS_BYTES)
            return [Reference(kind, listed[at : at + ADDRESS_BYTES]) for at in cuts]
    return ()


def prove(store: ChunkStore, reference: Reference) -> None:
    """Read a chunk that refers to nothing, and decode all of it. Raises MissingChunk or CorruptChunk."""
    address = reference.address
    raw = store.get(address)
    companion = None if reference.companion == NOWHERE else store.get(reference.companion)
    try:
        match reference.kind:
            case Kind.BLOCK:
                _prove_block(reference, Block.decode(address, raw, companion))
            case Kind.REPORT:
                msgspec.json.decode(raw, type=dict[str, object])
            case Kind.CHANGESET:
                changesets.decode(raw)
    except CorruptChunk:
        raise
    except Exception as error:  # bytes with the right hash that a writer got wrong may fail in any way
        raise CorruptChunk(address, f"it is no {reference.kind} ({error!r})") from None


_LEAVES = frozenset(Kind) - {Kind.MANIFEST, Kind.NODE, Kind.PARTS, Kind.ORIGINAL}


def _prove_block(reference: Reference, block: Block) -> None:
    if block.count != reference.rows:
        why = f"it holds {block.count} rows, its node says {reference.rows}"
        raise CorruptChunk(reference.address, why)
    block.check()
    for _ in block.rows():  # makes every row, as reading does
        pass


def _inside_manifest(store: ChunkStore, address: bytes) -> list[Reference]:
    manifest = manifests.load(store, address)
    ids = [sheet.id for sheet in manifest.sheets]
    if len(set(ids)) < len(ids) or any(not 0 < sheet < manifest.next_sheet for sheet in ids):
        raise CorruptChunk(address, "its sheets' ids contradict each other")
    found = [
        Reference(Kind.PACKAGE, manifest.package),
        Reference(Kind.PARTS, manifest.parts),
        Reference(Kind.REPORT, manifest.report),
    ]
    if manifest.source and manifest.source.original:
        found.append(Reference(Kind.ORIGINAL, manifest.source.original))
    for sheet in manifest.sheets:
        found.append(Reference(Kind.FRAME, sheet.frame))
        _check_pending(sheet.pending, sheet.rows, address)
        found += _inside_node(sheet.rows, address, sheet.pending)
    return found


def _check_pending(pending: Pending, root: Node, address: bytes) -> None:
    """That what is pending beside a root could be; whether blocks begin there, their nodes tell."""
    rows = pending.rows
    size = len(rows) * ADDRESS_BYTES
    if (
        len(pending.addresses) != size
        or len(pending.computed) not in (0, size)
        or any(one >= other for one, other in pairwise(rows))
        or (rows and not (root.level and rows[0] >= 0 and rows[-1] < root.count))
    ):
        raise CorruptChunk(address, "the lists of its pending replacements contradict each other")


def _inside_node(node: Node, address: bytes, pending: Pending) -> list[Reference]:
    """The children of a node that is, or is part of, the chunk at `address`; gaps are left out.

    pending: in its rows, and there already where it is at level 0.
    """
    size = len(node.counts) * ADDRESS_BYTES
    if node.level < 0 or len(node.addresses) != size or len(node.computed) not in (0, size):
        raise CorruptChunk(address, "the lists of a node's children contradict each other")
    found = []
    for first, child in node.placed(0):
        gap, alone = child.address == NOWHERE, child.computed == NOWHERE
        if child.height < 1 or (not alone and (gap or node.level)) or (gap and node.level):
            raise CorruptChunk(address, "a node has a child that cannot be")
        if node.level:
            part = pending.within(first, first + child.height)
            found.append(Reference(Kind.NODE, child.address, NOWHERE, child.height, node.level - 1, part))
        elif not gap:
            found.append(Reference(Kind.BLOCK, child.address, child.computed, child.height))
    return found
