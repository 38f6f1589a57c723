"""Writing a zip file, front to back."""

import zlib
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

from app.formats import guard
from app.formats.xlsx.container import PIECE
from app.formats.xlsx.member import (
    DEFLATED,
    STORED,
    Facts,
    Member,
    central_record,
    descriptor,
    directory,
    local_record,
)
from app.formats.xlsx.packing import Packing, deflated
from app.formats.xlsx.recipe import Recipe

_SPOOLED = 8 * guard.MIB


class ArchiveWriter:
    """Writes a zip file front to back to `out`, which need not be seekable.

    recipe: of the file whose members are written, all of them and in its order, to make it again. Its
    seams serve as long as members are what they were there, packed too: from the first that is not, the
    writer's own follow, so that the file is sound whatever happens.
    """

    def __init__(self, out: BinaryIO, recipe: Recipe | None = None) -> None:
        self._out = out
        self._recipe = recipe if recipe and recipe.seams else None
        self._at = 0
        self._place = 0
        self._owed = b""
        self._directory: dict[int, bytes] = {}

    def add(
        self,
        member: Member,
        pieces: Iterable[bytes],
        packing: Packing | None = None,
        position: int | None = None,
    ) -> None:
        """Append a member with the given bytes, packed as its own record says.

        packing: how it is deflated. position: its place in the list of members; by default the next.
        """
        with SpooledTemporaryFile(_SPOOLED) as spool:
            facts = _packed(member, pieces, packing or Packing(), spool)
            record = local_record(member, facts)
            seam, start = self._seam(self._owed + record, len(self._owed), facts)
            offset = self._at + start
            self._put(seam)
            spool.seek(0)
            while piece := spool.read(PIECE):
                self._put(piece)
        self._owed = descriptor(member, facts)
        place = self._place if position is None else position
        self._directory[place] = central_record(member, facts, offset)
        self._place += 1

    def close(self, comment: bytes = b"") -> None:
        """Write the list of members; `out` is left open."""
        records = [record for _, record in sorted(self._directory.items())]
        made = self._owed + directory(records, self._at + len(self._owed), comment)
        self._put(self._seam(made, 0)[0])

    def _seam(self, made: bytes, start: int, facts: Facts | None = None) -> tuple[bytes, int]:
        """(what goes before the next member, where in it its record begins): the recipe's, if it fits."""
        if self._recipe and facts and self._recipe.checks[self._place] != (facts.crc, facts.packed):
            self._recipe = None
        seam = self._recipe.seams.get(self._place) if self._recipe else None
        return (seam.source, seam.record) if seam else (made, start)

    def _put(self, piece: bytes) -> None:
        self._out.write(piece)
        self._at += len(piece)


def _packed(member: Member, pieces: Iterable[bytes], packing: Packing, spool: IO[bytes]) -> Facts:
    """Write the bytes of a member to `spool` as they are packed, and tell what is known of them then."""
    crc = size = 0

    def counted() -> Iterable[bytes]:
        nonlocal crc, size
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            yield piece

    method = STORED if member.method == STORED else DEFLATED
    for piece in counted() if method == STORED else deflated(counted(), packing):
        spool.write(piece)
    return Facts(method, crc, spool.tell(), size)
