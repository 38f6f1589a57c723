"""What comes from what when new pieces take the place of old ones."""

from hypothesis import given
from hypothesis import strategies as st

from app.store.protocol import NOWHERE
from app.store.stretches import Stretch, stretches

PIECES = st.lists(st.binary(min_size=1, max_size=1), max_size=200)


def paired(new: list[bytes], old: list[bytes]) -> list[Stretch[bytes]]:
    """The stretches of pieces that are their own addresses."""
    return list(stretches(new, lambda piece: piece, old))


@given(PIECES, PIECES)
def test_every_new_piece_is_told_once(new: list[bytes], old: list[bytes]) -> None:
    """In order, and each that has an equal is told with one."""
    found = paired(new, old)
    assert [piece for stretch in found for piece in stretch.pieces] == new
    assert all(0 <= stretch.start <= stretch.stop <= len(old) for stretch in found)
    for stretch in found:
        if stretch.same:
            assert stretch.pieces == old[stretch.start : stretch.stop]
        else:
            assert not set(stretch.pieces) & set(old)


@given(PIECES, st.integers(0, 200), st.lists(st.binary(min_size=2, max_size=2), max_size=3))
def test_what_stands_between_equal_pieces(old: list[bytes], at: int, new: list[bytes]) -> None:
    """What takes the place of a piece is told with that piece, wherever it is."""
    unique = list(dict.fromkeys(old))
    at = min(at, max(0, len(unique) - 1))
    changed = unique[:at] + new + unique[at + 1 :]
    found = [stretch for stretch in paired(changed, unique) if not stretch.same]
    assert found == ([Stretch(new, at, min(at + 1, len(unique)))] if unique or new else [])


def test_origins_by_place() -> None:
    """As many new pieces as old ones come from them one by one; of more or fewer, each from the nearest."""
    assert [Stretch([b""] * 3, 5, 8).origin(at) for at in range(3)] == [5, 6, 7]
    assert [Stretch([b""] * 4, 5, 7).origin(at) for at in range(4)] == [5, 5, 6, 6]
    assert Stretch([b""], 5, 5).origin(0) is None


def test_a_piece_that_moved_up() -> None:
    """What follows it is told with what was there, not with what followed it before."""
    found = paired([b"e", b"a", b"B", b"c", b"d"], [b"a", b"b", b"c", b"d", b"e"])
    assert Stretch([b"B"], 1, 2) in found


def test_gaps_equal_nothing() -> None:
    """An address that stands for nothing tells nothing."""
    assert paired([NOWHERE], [NOWHERE]) == [Stretch([NOWHERE], 0, 1)]
