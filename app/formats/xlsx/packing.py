"""How a member was deflated: found by deflating it again, so that it can be packed the same once more.

Given the same parameters zlib gives the same bytes, whatever pieces its input comes in. openpyxl, XlsxWriter,
POI, WPS and LibreOffice deflate with it; Excel has a deflate of its own that nothing reproduces.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator

import msgspec

from app.formats.guard import MIB

_WINDOW = 32 * 1024
_STEP = 32 * 1024
"""Bytes that are deflated before the outcome is compared, so that a wrong guess costs little."""
_FAST = 6
"""Levels up to this one are quick on all input."""
_SLOW_BYTES = 64 * MIB
"""Bytes of one member that are deflated at slower levels: on odd input those take a hundred times as long."""
_PATIENCE = 64 * MIB
"""Bytes that attempts which fail may take, together."""

Stored = Callable[[int, int], bytes]
"""Gives the packed bytes of a member: so many, from a place on; fewer at its end."""


class Packing(msgspec.Struct, frozen=True, array_like=True):
    """Parameters of zlib. block: LibreOffice deflates blocks of so many bytes on their own, each with what
    precedes it as dictionary, and ends all but the last with a sync flush; 0 where it is one stream."""

    level: int = 6
    memory: int = 8
    strategy: int = zlib.Z_DEFAULT_STRATEGY
    block: int = 0


_LIBRE_OFFICE = Packing(block=128 * 1024)
_CANDIDATES = (
    Packing(),
    *(Packing(level) for level in (1, 9)),
    _LIBRE_OFFICE,
    *(Packing(level) for level in (5, 8, 2, 3, 4, 7)),
    *(Packing(level, 9) for level in (6, 1, 9, 5, 8, 2, 3, 4, 7)),
    *(Packing(strategy=strategy) for strategy in (zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE)),
    Packing(strategy=zlib.Z_FIXED),
)
"""What is tried, the likeliest first. Level 0 is not: its bytes depend on the pieces that went in."""


class PackingSearch:
    """Finds the packings of one file's members. What fits one member is tried first for the next."""

    def __init__(self) -> None:
        self._candidates = list(_CANDIDATES)
        self._patience = _PATIENCE

    def find(self, pieces: Callable[[], Iterable[bytes]], stored: Stored, size: int) -> Packing | None:
        """The packing that gives a member's packed bytes, of which there are `size`; None where none does.

        pieces: gives the unpacked bytes, each time from the start.
        """
        for packing in list(self._candidates):
            if self._agrees(packing, pieces(), stored, size):
                self._candidates.remove(packing)
                self._candidates.insert(0, packing)
                return packing
            if self._patience < 0:
                break
        return None

    def _agrees(self, packing: Packing, pieces: Iterable[bytes], stored: Stored, size: int) -> bool:
        """Whether a packing gives the stored bytes; stops at the first piece that is another."""
        at = taken = 0

        def counted() -> Iterator[bytes]:
            nonlocal taken
            for piece in pieces:
                for start in range(0, len(piece), _STEP):
                    taken += len(piece[start : start + _STEP])
                    yield piece[start : start + _STEP]

        for packed in deflated(counted(), packing):
            slow = packing.level > _FAST and taken > _SLOW_BYTES
            if slow or stored(at, len(packed)) != packed:
                self._patience -= taken
                return False
            at += len(packed)
        if at != size:
            self._patience -= taken
        return at == size


def deflated(pieces: Iterable[bytes], packing: Packing) -> Iterator[bytes]:
    """The bytes deflated; a piece may be empty."""
    if packing.block:
        yield from _in_blocks(pieces, packing)
        return
    stream = _stream(packing)
    for piece in pieces:
        yield stream.compress(piece)
    yield stream.flush()


def _in_blocks(pieces: Iterable[bytes], packing: Packing) -> Iterator[bytes]:
    before, held = b"", b""
    for piece in pieces:
        held += piece
        while len(held) > packing.block:
            block, held = held[: packing.block], held[packing.block :]
            stream = _stream(packing, before)
            yield stream.compress(block) + stream.flush(zlib.Z_SYNC_FLUSH)
            before = block[-_WINDOW:]
    stream = _stream(packing, before)
    yield stream.compress(held) + stream.flush()


def _stream(packing: Packing, dictionary: bytes = b"") -> "zlib._Compress":
    level, memory, strategy, _ = msgspec.structs.astuple(packing)
    if dictionary:
        return zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory, strategy, dictionary)
    return zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, memory, strategy)
