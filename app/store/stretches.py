"""What comes from what when a file takes the place of a state: pieces paired with those before them.

Equal pieces (blocks of rows, parts) are told by their addresses. What lies between two equal ones came most
likely from what lay between them before, so that is what it is kept as a patch of and compared with; sheets
are paired by name, then by their first rows, then by place.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from app.store.protocol import NOWHERE

_AHEAD = 64
"""How many new pieces are looked at before those without an equal are paired by their places."""

_Piece = TypeVar("_Piece")


class Stretch(NamedTuple, Generic[_Piece]):
    """Pieces, and the places [start, stop) of the old ones that they took the place of.

    same: they are one piece that is equal to the old one at `start`. Either side may be empty.
    """

    pieces: list[_Piece]
    start: int
    stop: int
    same: bool = False

    def origin(self, at: int) -> int | None:
        """The place of the old piece that one of these most likely came from; None where there is none."""
        height = self.stop - self.start
        return self.start + at * height // len(self.pieces) if height else None


def stretches(
    pieces: Iterable[_Piece], address: Callable[[_Piece], bytes], old: Sequence[bytes]
) -> Iterator[Stretch[_Piece]]:
    """New pieces, with what they took the place of, in order; a few at a time are in memory.

    address: of a piece. old: the addresses of the old ones. NOWHERE equals nothing. Old pieces behind the
    last are told as a stretch without new ones.
    """
    places: dict[bytes, list[int]] = {}
    for place, one in enumerate(old):
        places.setdefault(one, []).append(place)
    places.pop(NOWHERE, None)
    at = 0
    waiting: list[_Piece] = []
    for piece in pieces:
        known = places.get(address(piece))
        if known is None:
            waiting.append(piece)
            if len(waiting) == _AHEAD:
                stop = min(at + _AHEAD, len(old))
                yield Stretch(waiting, at, stop)
                at, waiting = stop, []
            continue
        # The nearest at or after where the last one was; of pieces that moved up, the last before it.
        place = known[min(bisect_left(known, at), len(known) - 1)]
        if waiting or place > at:
            yield Stretch(waiting, at, place if place >= at else min(at + len(waiting), len(old)))
            waiting = []
        yield Stretch([piece], place, place + 1, same=True)
        at = place + 1
    if waiting or at < len(old):
        yield Stretch(waiting, at, len(old))
