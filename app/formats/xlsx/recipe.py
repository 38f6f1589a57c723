"""How a whole container is made again, byte for byte, where its writer's deflate can be reproduced.

A container is seams and packed members by turns: seam, member, seam, member, …, seam. A seam is what stands
before a member's bytes: its local record, and before that the sizes of the member before. The last one holds
the list of members. What `ArchiveWriter` would write there of itself is not kept; what it would not is.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from app.formats import guard
from app.formats.xlsx.container import Archive
from app.formats.xlsx.member import (
    DEFLATED,
    STORED,
    central_record,
    descriptor,
    directory,
    local_record,
)
from app.formats.xlsx.packing import Packing, PackingSearch

_SEAM_BYTES = 16 * guard.MIB
"""The most that all seams may take; real ones take some hundred bytes a member."""


class Seam(msgspec.Struct, frozen=True, array_like=True):
    """A seam that is another than the writer's. record: where in it the local record begins."""

    record: int
    source: bytes


class Recipe(msgspec.Struct, frozen=True, array_like=True):
    """What a container's members do not say.

    packings: of each member; None: it is stored. order: of members in the file, where it is not that of the
    list of members. seams: by place. checks: checksum and packed size of the members in the file's order,
    where there are seams: they fit no others.
    """

    packings: list[Packing | None]
    order: list[int] = []
    seams: dict[int, Seam] = {}
    checks: list[tuple[int, int]] = []


def find_recipe(archive: Archive) -> Recipe | None:
    """The recipe of an archive; None where it cannot be made again.

    Small members are tried first, so that a file of Excel's costs no more than a few of them. Raises
    UnreadableFile where a member is damaged.
    """
    members, spans = archive.members, archive.spans
    order = sorted(range(len(members)), key=lambda at: spans[at])
    gaps = [0, *(end for _, end in (spans[at] for at in order))]
    starts = [*(spans[at][0] for at in order), archive.size]
    if any(member.method not in (STORED, DEFLATED) for member in members):
        return None
    if any(start < end for end, start in zip(gaps, starts, strict=True)):
        return None  # members that share bytes
    if sum(starts) - sum(gaps) > _SEAM_BYTES:
        return None
    packings = _packings(archive)
    if packings is None:
        return None
    seams: dict[int, Seam] = {}
    for place, (made, record) in enumerate(_own_seams(archive, order)):
        source = archive.source(gaps[place], starts[place])
        if source != made:
            seams[place] = Seam(max(0, record - gaps[place]), source)
    facts = [archive.facts(at) for at in order] if seams else []
    checks = [(one.crc, one.packed) for one in facts]
    listed = all(one < other for one, other in pairwise(order))
    return Recipe(packings, [] if listed else order, seams, checks)


def _packings(archive: Archive) -> list[Packing | None] | None:
    """How each member is packed; None where one of them is in a way that is not known."""
    search = PackingSearch()
    found: list[Packing | None] = [None] * len(archive.members)
    sizes = [end - start for start, end in archive.spans]
    for at in sorted(range(len(sizes)), key=sizes.__getitem__):
        if archive.members[at].method == DEFLATED:
            start = archive.spans[at][0]
            packing = search.find(
                lambda at=at: archive.pieces(at),  # type: ignore[misc]
                lambda first, size, start=start: archive.source(start + first, start + first + size),  # type: ignore[misc]
                sizes[at],
            )
            if packing is None:
                return None
            found[at] = packing
    return found


def _own_seams(archive: Archive, order: list[int]) -> Iterator[tuple[bytes, int]]:
    """The seams the writer would make, each with the place in the file of the local record in it."""
    owed, records = b"", [b""] * len(order)
    for at in order:
        member, facts, offset = archive.members[at], archive.facts(at), archive.offset(at)
        yield owed + local_record(member, facts), offset
        owed = descriptor(member, facts)
        records[at] = central_record(member, facts, offset)
    start = max((end for _, end in archive.spans), default=0) + len(owed)
    yield owed + directory(records, start, archive.comment), 0
